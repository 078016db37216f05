#include "ingest/payload.hpp"

#include <algorithm>

#include "analysis/text/encoding.hpp"
#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::ingest {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kLongestName = 128;
constexpr const char* kUnknown = "?";  // stands for a name that nobody wants
constexpr std::size_t kDeepest = 64;   // payloads nest to five; deeper ones are an attack or a mistake

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

// Events of nlohmann's parser; keeps the path of the place it is at.
class Reader {
 public:
  Reader(const std::vector<Member>& wanted, std::size_t size) : wanted_(wanted), size_(size) {}

  bool null() {
    forget(path(true));
    return leave_value();
  }
  bool boolean(bool value) { return scalar(MemberType::Bool, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return scalar(MemberType::Integer, std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return scalar(MemberType::Integer, std::to_string(value)); }
  bool number_float(double, const std::string&) { return other("a number") && leave_value(); }
  bool string(std::string& value) { return scalar(MemberType::Text, std::move(value)); }
  bool binary(std::vector<std::uint8_t>&) { return other("binary"); }

  bool start_object(std::size_t) {
    if (!levels_.empty() && !expects_container(false)) return other("an object");
    if (!levels_.empty()) forget(path(true));
    return enter(false);
  }
  bool key(std::string& name) {
    // A name with what joins a path's parts is none of those wanted, nor one within them.
    const bool is_plain =
        name.size() <= kLongestName && name.find_first_of(std::string_view(".[\0", 3)) == std::string::npos;
    levels_.back().name = is_plain ? base::to_lower(name) : kUnknown;
    return true;
  }
  bool end_object() { return leave(); }
  bool start_array(std::size_t) {
    if (levels_.empty()) return fail("the body must be an object");
    if (!expects_container(true)) return other("a list");
    forget(path(true));
    return enter(true);
  }
  bool end_array() { return leave(); }
  bool parse_error(std::size_t position, const std::string&, const json::Value::exception& problem) {
    return fail(complaint_about(position, size_, problem));
  }

  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  Members take() { return std::move(found_); }

 private:
  struct Level {
    bool is_list;
    std::string name;
    std::size_t index = 0;  // of the element that is read
  };

  bool fail(std::string why) {
    complaint_ = std::move(why);
    return false;
  }

  // With the places in lists: what a member is kept under.
  std::string path(bool with_places = false) const {
    std::string text;
    for (const auto& level : levels_) {
      if (level.is_list) text += "[" + (with_places ? std::to_string(level.index) : "") + "]";
      else text += (text.empty() ? "" : ".") + level.name;
    }
    return text;
  }

  // The last duplicate wins, whole, and null means absent.
  void forget(const std::string& at) {
    std::erase_if(found_, [&](const auto& entry) {
      if (!entry.first.starts_with(at)) return false;
      return entry.first.size() == at.size() || entry.first[at.size()] == '.' || entry.first[at.size()] == '[';
    });
  }

  const Member* member(std::string_view at) const {
    for (const auto& candidate : wanted_)
      if (candidate.path == at) return &candidate;
    return nullptr;
  }

  // One of a list of strings.
  bool is_listed_text(std::string_view at) const {
    const auto* list = at.ends_with("[]") ? member(at.substr(0, at.size() - 2)) : nullptr;
    return list != nullptr && list->type == MemberType::TextList;
  }

  // A wanted scalar may not be a container, and a prefix of wanted paths must be the right kind of container.
  bool expects_container(bool is_list) const {
    const auto at = path();
    if (is_listed_text(at)) return false;
    if (const auto* exact = member(at)) return is_list && exact->type == MemberType::TextList;
    for (const auto& candidate : wanted_) {
      if (!candidate.path.starts_with(at) || candidate.path.size() == at.size()) continue;
      const char next = candidate.path[at.size()];
      if (next == '.' && is_list) return false;
      if (next == '[' && !is_list) return false;
    }
    return true;
  }

  bool is_container_wanted(const std::string& at) const {
    for (const auto& candidate : wanted_)
      if (candidate.path.starts_with(at) && candidate.path.size() > at.size() &&
          (candidate.path[at.size()] == '.' || candidate.path[at.size()] == '['))
        return true;
    return false;
  }

  bool scalar(MemberType type, std::string value) {
    if (levels_.empty()) return fail("the body must be an object");
    const auto at = path();
    if (is_listed_text(at) && type != MemberType::Text) return fail(at + " must be a string");
    const auto* wanted = member(at);
    if (wanted != nullptr && wanted->type != type) return fail(at + " must be " + std::string(name_of(wanted->type)));
    if (wanted == nullptr && is_container_wanted(at)) return fail(at + " must not be a single value");
    if (wanted != nullptr && wanted->is_kept && is_place_kept()) {
      if (value.size() > kLongestText) return fail(at + " is longer than " + std::to_string(kLongestText) + " bytes");
      if (value.find('\0') != std::string::npos) return fail(at + " must not hold U+0000");
      found_[path(true)] = std::move(value);
    }
    return leave_value();
  }

  bool other(std::string_view what) {
    if (levels_.empty()) return fail("the body must be an object");
    const auto at = path();
    if (is_listed_text(at)) return fail(at + " must be a string");
    if (const auto* wanted = member(at))
      return fail(at + " must be " + std::string(name_of(wanted->type)) + ", not " + std::string(what));
    if (is_container_wanted(at)) return fail(at + " must not be " + std::string(what));
    return true;
  }

  bool is_place_kept() const {
    return std::all_of(levels_.begin(), levels_.end(),
                       [](const Level& level) { return !level.is_list || level.index < kMostListed; });
  }

  bool enter(bool is_list) {
    if (levels_.size() >= kDeepest) return fail("nested deeper than " + std::to_string(kDeepest) + " levels");
    levels_.push_back({is_list, {}});
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

  const std::vector<Member>& wanted_;
  const std::size_t size_;  // of the body
  std::vector<Level> levels_;
  Members found_;
  std::string complaint_;
};

base::Result<Members> read(std::string_view body, const std::vector<Member>& wanted) {
  if (base::trim(body).empty()) return Error{ErrorKind::Invalid, "the body is empty"};
  Reader reader(wanted, body.size());
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
