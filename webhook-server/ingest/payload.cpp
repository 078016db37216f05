#include "ingest/payload.hpp"

#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::ingest {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kDeepest = 64;  // payloads nest to five; deeper ones are an attack or a mistake

std::string_view name_of(MemberType type) {
  switch (type) {
    case MemberType::Text: return "a string";
    case MemberType::Integer: return "an integer";
    case MemberType::Bool: return "true or false";
    case MemberType::TextList: return "a list of strings";
  }
  return "something else";
}

// Events of nlohmann's parser; keeps the path of the place it is at.
class Reader {
 public:
  explicit Reader(const std::vector<Member>& wanted) : wanted_(wanted) {}

  bool null() {
    found_.erase(path());  // the last duplicate wins, and null means absent
    return leave_value();
  }
  bool boolean(bool value) { return scalar(MemberType::Bool, value ? "true" : "false"); }
  bool number_integer(std::int64_t value) { return scalar(MemberType::Integer, std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) { return scalar(MemberType::Integer, std::to_string(value)); }
  bool number_float(double, const std::string&) { return other("a number"); }
  bool string(std::string& value) { return scalar(MemberType::Text, base::replace_all(std::move(value), std::string_view("\0", 1), "\xef\xbf\xbd")); }
  bool binary(std::vector<std::uint8_t>&) { return other("binary"); }

  bool start_object(std::size_t) {
    if (!levels_.empty() && !expects_container(false)) return other("an object");
    return enter(false);
  }
  bool key(std::string& name) {
    levels_.back().name = base::to_lower(name.size() <= 128 ? name : name.substr(0, 128));
    return true;
  }
  bool end_object() { return leave(); }
  bool start_array(std::size_t) {
    if (levels_.empty()) return fail("the body must be an object");
    if (!expects_container(true)) return other("a list");
    return enter(true);
  }
  bool end_array() { return leave(); }
  bool parse_error(std::size_t position, const std::string&, const json::Value::exception&) {
    return fail("not JSON at byte " + std::to_string(position));
  }

  [[nodiscard]] const std::string& complaint() const { return complaint_; }
  Members take() { return std::move(found_); }

 private:
  struct Level {
    bool is_list;
    std::string name;
  };

  bool fail(std::string why) {
    complaint_ = std::move(why);
    return false;
  }

  std::string path() const {
    std::string text;
    for (const auto& level : levels_) {
      if (level.is_list) text += "[]";
      else text += (text.empty() ? "" : ".") + level.name;
    }
    return text;
  }

  const Member* member(std::string_view at) const {
    for (const auto& candidate : wanted_)
      if (candidate.path == at) return &candidate;
    return nullptr;
  }

  // A wanted scalar may not be a container, and a prefix of wanted paths must be the right kind of container.
  bool expects_container(bool is_list) const {
    const auto at = path();
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
      if (candidate.path.starts_with(at) && candidate.path.size() > at.size() && (candidate.path[at.size()] == '.' || candidate.path[at.size()] == '['))
        return true;
    return false;
  }

  bool scalar(MemberType type, std::string value) {
    if (levels_.empty()) return fail("the body must be an object");
    const auto at = path();
    if (at.ends_with("[]")) {
      const auto* list = member(std::string_view(at).substr(0, at.size() - 2));
      if (list != nullptr && list->type == MemberType::TextList && type != MemberType::Text) return fail(at + " must be a string");
    }
    const auto* wanted = member(at);
    if (wanted != nullptr && wanted->type != type) return fail(at + " must be " + std::string(name_of(wanted->type)));
    if (wanted == nullptr && is_container_wanted(at)) return fail(at + " must not be a single value");
    if (wanted != nullptr && at.find("[]") == std::string::npos) {
      if (value.size() > kLongestText) return fail(at + " is longer than " + std::to_string(kLongestText) + " bytes");
      found_[at] = std::move(value);
    }
    return leave_value();
  }

  bool other(std::string_view what) {
    if (levels_.empty()) return fail("the body must be an object");
    const auto at = path();
    if (const auto* wanted = member(at)) return fail(at + " must be " + std::string(name_of(wanted->type)) + ", not " + std::string(what));
    if (is_container_wanted(at)) return fail(at + " must not be " + std::string(what));
    return true;
  }

  bool enter(bool is_list) {
    if (levels_.size() >= kDeepest) return fail("nested deeper than " + std::to_string(kDeepest) + " levels");
    levels_.push_back({is_list, {}});
    return true;
  }
  bool leave() {
    levels_.pop_back();
    return true;
  }
  bool leave_value() {
    if (levels_.empty()) return fail("the body must be an object");
    return true;
  }

  const std::vector<Member>& wanted_;
  std::vector<Level> levels_;
  Members found_;
  std::string complaint_;
};

}  // namespace

base::Result<Members> read_members(std::string_view body, const std::vector<Member>& wanted) {
  Reader reader(wanted);
  try {
    if (json::Value::sax_parse(body.begin(), body.end(), &reader)) return reader.take();
  } catch (const std::exception&) {
    return Error{ErrorKind::Invalid, "not JSON"};
  }
  return Error{ErrorKind::Invalid, reader.complaint().empty() ? "not JSON" : reader.complaint()};
}

}  // namespace cadence::ingest
