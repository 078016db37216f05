#include "config/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/text.hpp"

namespace cadence::config {

namespace {

using base::Error;
using base::ErrorKind;

// Every scalar arrives as the text that was written; what it has to be is said by the key that is read.
bool convert(const std::string& text, std::int64_t& into) {
  const auto value = base::parse_integer(text);
  if (value) into = *value;
  return value.has_value();
}
bool convert(const std::string& text, double& into) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return false;
  into = value;
  return true;
}
bool convert(const std::string& text, bool& into) {
  const auto word = base::to_lower(text);
  const bool is_yes = word == "true" || word == "yes" || word == "on" || word == "y";
  const bool is_no = word == "false" || word == "no" || word == "off" || word == "n";
  if (is_yes || is_no) into = is_yes;
  return is_yes || is_no;
}

// Letters to insert, remove or replace, or neighbours to swap, until one text is the other.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = std::exchange(last, now);
  }
  return last[b.size()];
}

std::string last_part(const std::string& key) { return key.substr(key.rfind('.') + 1); }

// "a.b[3].c" is known as "a.b[0].c" is.
std::string without_numbers(std::string key) {
  std::size_t from = 0;
  while ((from = key.find('[', from)) != std::string::npos) {
    const auto end = key.find(']', from);
    if (end == std::string::npos) break;
    key.erase(from + 1, end - from - 1);
    ++from;
  }
  return key;
}

}  // namespace

std::optional<std::string> nearest_key(const std::string& key, const std::set<std::string, std::less<>>& known) {
  std::optional<std::string> nearest;
  std::size_t fewest = std::max<std::size_t>(2, last_part(key).size() / 3) + 1;
  const auto consider = [&](const std::string& each) {
    const auto letters = distance(without_numbers(key), each);
    if (letters >= fewest) return;
    fewest = letters;
    nearest = each;
  };
  for (const auto& each : known) {
    consider(each);
    for (auto dot = each.find('.'); dot != std::string::npos; dot = each.find('.', dot + 1))
      consider(each.substr(0, dot));
  }
  if (nearest) return nearest;
  const auto same_name = [&](const std::string& each) { return last_part(each) == last_part(key); };
  const auto found = std::find_if(known.begin(), known.end(), same_name);
  return found == known.end() ? nearest : *found;
}

Reader::Reader(const Document& document, const Environment& environment)
    : document_(document), environment_(environment) {}

void Reader::text(const std::string& key, std::string& into) {
  const auto& node = find(key);
  if (node.is_null() || complaint_) return;
  if (!node.is_string()) return complain(key, "must be a string");
  auto expanded = expand(node.get_ref<const std::string&>(), environment_);
  if (expanded) into = *expanded;
  else complain(key, expanded.error().message);
}

void Reader::texts(const std::string& key, std::vector<std::string>& into) {
  const auto& node = find(key);
  if (node.is_null() || complaint_) return;
  if (!node.is_array()) return complain(key, "must be a list of strings");
  into.clear();
  for (std::size_t i = 0; i < node.size(); ++i) {
    if (!node[i].is_string()) return complain(key + "[" + std::to_string(i) + "]", "must be a string");
    into.push_back(node[i].get<std::string>());
  }
}

template <class T>
void Reader::read(const std::string& key, T& into, const char* rule) {
  const auto& node = find(key);
  if (node.is_null() || complaint_) return;
  if (!node.is_string() || !convert(node.get_ref<const std::string&>(), into)) complain(key, rule);
}
template void Reader::read(const std::string&, std::int64_t&, const char*);
template void Reader::read(const std::string&, double&, const char*);
template void Reader::read(const std::string&, bool&, const char*);

const json::Value& Reader::find(const std::string& key) {
  static const json::Value none;
  known_.insert(without_numbers(key));
  const auto* node = &document_.root;
  std::string path;
  for (const auto& part : base::split(key, '.')) {
    if (node->is_null()) return none;
    if (!node->is_object()) {
      complain(path.empty() ? "the file" : path, "must be a map");
      return none;
    }
    const auto bracket = part.find('[');
    const auto next = node->find(part.substr(0, bracket));
    if (next == node->end()) return none;
    node = &*next;
    path += (path.empty() ? "" : ".") + part;
    if (bracket == std::string::npos) continue;
    const auto index = base::parse_integer(part.substr(bracket + 1, part.size() - bracket - 2));
    if (!index || !node->is_array() || *index < 0 || static_cast<std::size_t>(*index) >= node->size()) return none;
    node = &(*node)[static_cast<std::size_t>(*index)];
  }
  return *node;
}

void Reader::complain(const std::string& key, const std::string& why) {
  if (!complaint_) complaint_ = Error{ErrorKind::Invalid, place_of(key) + key + " " + why};
}

std::string Reader::place_of(const std::string& key) const {
  const auto found = document_.lines.find(key);
  return found == document_.lines.end() ? "" : "line " + std::to_string(found->second) + ": ";
}

bool Reader::leads_to_known(const std::string& key) const {
  const auto is_begin_of_one = [this](const std::string& begin) {
    const auto next = known_.lower_bound(begin);
    return next != known_.end() && next->starts_with(begin);
  };
  return is_begin_of_one(key + ".") || is_begin_of_one(key + "[");
}

void Reader::add_unknown(const json::Value& node, const std::string& key, std::vector<std::string>& into) const {
  const auto name = without_numbers(key);
  const bool leads_further = key.empty() || leads_to_known(name);
  if (!leads_further && !known_.contains(name)) {
    const auto meant = nearest_key(key, known_);
    into.push_back(place_of(key) + key + " is not a known key and is ignored" +
                   (meant ? "; did you mean " + *meant + "?" : ""));
  } else if (leads_further && node.is_object()) {
    for (const auto& [member, value] : node.items())
      add_unknown(value, key.empty() ? member : key + "." + member, into);
  } else if (leads_further && node.is_array()) {
    for (std::size_t i = 0; i < node.size(); ++i) add_unknown(node[i], key + "[" + std::to_string(i) + "]", into);
  }
}

std::vector<std::string> Reader::unknown() const {
  std::vector<std::string> sentences;
  add_unknown(document_.root, "", sentences);
  return sentences;
}

}  // namespace cadence::config
