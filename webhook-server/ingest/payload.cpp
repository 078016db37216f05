#include "ingest/payload.hpp"

#include <algorithm>

#include "analysis/text/encoding.hpp"
#include "base/text.hpp"
#include "ingest/plain_json.hpp"
#include "json/value.hpp"

namespace cadence::ingest {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kLongestName = 128;
constexpr int kDeepest = 64;  // payloads nest to five; deeper ones are an attack or a mistake

std::string_view name_of(MemberType type) {
  switch (type) {
    case MemberType::Text:
      return "a string";
    case MemberType::Integer:
      return "an integer";
    case MemberType::Bool:
      return "true or false";
    case MemberType::TextList:
      return "a list of strings";
  }
  return "something else";
}

// What nlohmann's parser found, in words for whoever sent it; its own repeat what was sent, and take a NUL for the end.
std::string complaint_about(std::size_t position, std::size_t size, const json::Value::exception& problem) {
  const std::string_view said = problem.what();
  const auto says = [&](std::string_view part) { return said.find(part) != std::string_view::npos; };
  const auto place = " at byte " + std::to_string(position);
  constexpr int kOutOfRange = 406;
  if (problem.id == kOutOfRange) return "a number is too large" + place;
  if (says("ill-formed UTF-8")) return "not UTF-8" + place;
  if (says("surrogate")) return "half of a surrogate pair" + place;
  if (position > size && (says("unexpected end of input") || says("missing closing quote")))
    return "the JSON is cut off" + place;
  return "not JSON" + place;
}

// The wanted members as a tree, so that each place in the body is looked up among its neighbours only. A list's
// elements are one node below it, without a name.
class Wanted {
 public:
  struct Node {
    std::string_view name;
    const Member* member = nullptr;
    bool is_listed_text = false;  // one of a list of strings
    int first = 0, next = 0;      // child and sibling; 0: none
  };

  explicit Wanted(const std::vector<Member>& members) {
    nodes_.reserve(4 * members.size() + 1);
    nodes_.emplace_back();
    for (const auto& member : members) {
      const int at = place_of(member.path);
      nodes_[at].member = &member;
      if (member.type == MemberType::TextList) nodes_[child(at, {})].is_listed_text = true;
    }
  }

  [[nodiscard]] const Node& at(int node) const { return nodes_[static_cast<std::size_t>(node)]; }
  // 0: nobody wants it, or anything in it.
  [[nodiscard]] int find(int parent, std::string_view name) const {
    for (int node = at(parent).first; node != 0; node = at(node).next)
      if (at(node).name.size() == name.size() && base::equals_ignoring_case(at(node).name, name)) return node;
    return 0;
  }

 private:
  int place_of(std::string_view path) {
    int node = 0;
    while (!path.empty()) {
      const auto end = std::min(path.find_first_of(".["), path.size());
      if (end > 0) node = child(node, path.substr(0, end));
      const bool is_list = end < path.size() && path[end] == '[';
      if (is_list) node = child(node, {});
      path.remove_prefix(std::min(end + (is_list ? 2 : 1), path.size()));
    }
    return node;
  }

  int child(int parent, std::string_view name) {
    if (const int known = find(parent, name); known != 0) return known;
    const auto made = static_cast<int>(nodes_.size());
    nodes_.push_back({name, nullptr, false, 0, at(parent).first});
    nodes_[static_cast<std::size_t>(parent)].first = made;
    return made;
  }

  std::vector<Node> nodes_;
};

// Events of nlohmann's parser, and of our own; keeps the place it is at.
class Reader {
 public:
  Reader(const Wanted& wanted, std::size_t size) : wanted_(wanted), size_(size) {}

  bool null() {
    forget();
    return leave_value();
  }
  bool boolean(bool value) { return scalar(MemberType::Bool, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return scalar(MemberType::Integer, std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return scalar(MemberType::Integer, std::to_string(value)); }
  bool whole_number(const std::string& digits) { return scalar(MemberType::Integer, digits); }
  bool number_float(double, const std::string&) { return other("a number") && leave_value(); }
  bool string(const std::string& value) { return scalar(MemberType::Text, value); }
  bool binary(std::vector<std::uint8_t>&) { return other("binary"); }

  bool start_object(std::size_t) {
    if (!levels_.empty() && !expects_container(false)) return other("an object");
    return enter(false);
  }
  bool key(const std::string& name) {
    // A name with what joins a path's parts is none of those wanted, nor one within them.
    const bool is_plain =
        name.size() <= kLongestName && name.find_first_of(std::string_view(".[\0", 3)) == std::string::npos;
    auto& level = levels_.back();
    level.below = is_plain && level.node != kNowhere && !name.empty() ? found_below(level.node, name) : kNowhere;
    return true;
  }
  bool end_object() { return leave(); }
  bool start_array(std::size_t) {
    if (levels_.empty()) return fail("the body must be an object");
    if (!expects_container(true)) return other("a list");
    return enter(true);
  }
  bool end_array() { return leave(); }
  bool parse_error(std::size_t position, const std::string&, const json::Value::exception& problem) {
    return fail(complaint_about(position, size_, problem));
  }

  [[nodiscard]] bool is_next_wanted() const { return here() != kNowhere; }
  bool skipped() { return leave_value(); }

  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  Members take() { return std::move(found_); }

 private:
  static constexpr int kNowhere = -1;  // nobody wants it, or anything in it
  struct Level {
    bool is_list;
    int node;
    int below;              // the member that is read, or the elements
    std::size_t index = 0;  // of the element that is read
  };

  bool fail(std::string why) {
    complaint_ = std::move(why);
    return false;
  }

  int found_below(int node, std::string_view name) const {
    const int found = wanted_.find(node, name);
    return found == 0 ? kNowhere : found;
  }

  [[nodiscard]] int here() const { return levels_.empty() ? 0 : levels_.back().below; }
  [[nodiscard]] const Wanted::Node& node() const { return wanted_.at(here()); }

  // With the places in lists: what a member is kept under.
  std::string path(bool with_places = false) const {
    std::string text;
    for (const auto& level : levels_) {
      if (level.is_list) text += "[" + (with_places ? std::to_string(level.index) : "") + "]";
      else (text += text.empty() ? "" : ".") += wanted_.at(level.below).name;
    }
    return text;
  }

  // The last duplicate wins, whole, and null means absent.
  void forget() {
    if (found_.empty() || levels_.empty() || here() == kNowhere) return;
    const auto at = path(true);
    std::erase_if(found_, [&](const auto& entry) {
      if (!entry.first.starts_with(at)) return false;
      return entry.first.size() == at.size() || entry.first[at.size()] == '.' || entry.first[at.size()] == '[';
    });
  }

  // A wanted scalar may not be a container, and what holds wanted ones must be the right kind of container.
  bool expects_container(bool is_list) const {
    if (here() == kNowhere) return true;
    if (node().is_listed_text) return false;
    if (node().member != nullptr) return is_list && node().member->type == MemberType::TextList;
    for (int child = node().first; child != 0; child = wanted_.at(child).next)
      if (wanted_.at(child).name.empty() != is_list) return false;
    return true;
  }

  bool scalar(MemberType type, const std::string& value) {
    if (levels_.empty()) return fail("the body must be an object");
    if (here() == kNowhere) return leave_value();
    if (node().is_listed_text) return type == MemberType::Text ? leave_value() : fail(path() + " must be a string");
    const auto* wanted = node().member;
    if (wanted == nullptr) return fail(path() + " must not be a single value");
    if (wanted->type != type) return fail(path() + " must be " + std::string(name_of(wanted->type)));
    if (wanted->is_kept && is_place_kept()) {
      if (value.size() > kLongestText)
        return fail(path() + " is longer than " + std::to_string(kLongestText) + " bytes");
      if (value.find('\0') != std::string::npos) return fail(path() + " must not hold U+0000");
      found_[path(true)] = value;
    }
    return leave_value();
  }

  bool other(std::string_view what) {
    if (levels_.empty()) return fail("the body must be an object");
    if (here() == kNowhere) return true;
    if (node().is_listed_text) return fail(path() + " must be a string");
    if (node().member != nullptr)
      return fail(path() + " must be " + std::string(name_of(node().member->type)) + ", not " + std::string(what));
    return fail(path() + " must not be " + std::string(what));
  }

  bool is_place_kept() const {
    return std::all_of(levels_.begin(), levels_.end(),
                       [](const Level& level) { return !level.is_list || level.index < kMostListed; });
  }

  bool enter(bool is_list) {
    if (std::ssize(levels_) >= kDeepest) return fail("nested deeper than " + std::to_string(kDeepest) + " levels");
    forget();
    const int node = here();
    levels_.push_back({is_list, node, is_list && node != kNowhere ? found_below(node, {}) : kNowhere});
    return true;
  }
  bool leave() {
    levels_.pop_back();
    if (!levels_.empty()) ++levels_.back().index;
    return true;
  }
  bool leave_value() {
    if (levels_.empty()) return fail("the body must be an object");
    ++levels_.back().index;
    return true;
  }

  const Wanted& wanted_;
  const std::size_t size_;  // of the body
  std::vector<Level> levels_;
  Members found_;
  std::string complaint_;
};

base::Result<Members> read(std::string_view body, const std::vector<Member>& wanted) {
  if (base::trim(body).empty()) return Error{ErrorKind::Invalid, "the body is empty"};
  const Wanted tree(wanted);
  if (Reader quick(tree, body.size()); PlainJson(body, quick, kDeepest).read()) return quick.take();
  Reader reader(tree, body.size());
  try {
    if (json::Value::sax_parse(body.begin(), body.end(), &reader)) return reader.take();
  } catch (const std::exception&) {
    return Error{ErrorKind::Invalid, "not JSON"};
  }
  return Error{ErrorKind::Invalid, reader.complaint().empty() ? "not JSON" : reader.complaint()};
}

// The encoding that a mark or the header declares, where it is another than UTF-8.
const analysis::Encoding* declared_encoding(std::string_view body, std::string_view content_type) {
  std::size_t mark = 0;
  if (const auto* encoding = analysis::encoding_by_mark(body, mark); encoding != nullptr)
    return encoding->kind == analysis::Encoding::Kind::Utf8 ? nullptr : encoding;
  for (const auto& part : base::split(content_type, ';')) {
    const auto name = base::trim(std::string_view(part).substr(0, part.find('=')));
    if (part.find('=') == std::string::npos || !base::equals_ignoring_case(name, "charset")) continue;
    auto label = std::string(base::trim(std::string_view(part).substr(part.find('=') + 1)));
    if (label.size() >= 2 && label.front() == '"' && label.back() == '"') label = label.substr(1, label.size() - 2);
    const auto* encoding = analysis::encoding_of(label);
    const bool is_other = encoding != nullptr && encoding->kind != analysis::Encoding::Kind::Utf8 &&
                          encoding->kind != analysis::Encoding::Kind::Replacement;
    return is_other ? encoding : nullptr;
  }
  return nullptr;
}

}  // namespace

bool is_json(std::string_view content_type) {
  const auto media = base::to_lower(base::trim(content_type.substr(0, content_type.find(';'))));
  return media.empty() || media.ends_with("json");
}

base::Result<Members> read_members(std::string_view body, std::string_view content_type,
                                   const std::vector<Member>& wanted) {
  auto members = read(body, wanted);
  if (members) return members;
  const auto* encoding = declared_encoding(body, content_type);
  if (encoding == nullptr) return members;
  constexpr std::size_t kMostGrowth = 3;  // what a byte of any encoding becomes in UTF-8
  const auto decoded = analysis::decode(std::string(body), *encoding, kMostGrowth * body.size());
  return decoded ? read(*decoded, wanted) : members;
}

}  // namespace cadence::ingest
