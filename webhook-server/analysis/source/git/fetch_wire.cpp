#include <charconv>

#include "analysis/source/git/fetch_child.hpp"

namespace cadence::analysis::source {
namespace {

// Fields one after the other, each with its length: "5:trunk".
class Writer {
 public:
  Writer& text(std::string_view field) {
    out_.append(std::to_string(field.size())).append(":").append(field);
    return *this;
  }
  Writer& number(std::uint64_t field) { return text(std::to_string(field)); }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  std::string text() {
    const std::size_t colon = rest_.find(':');
    std::size_t size = 0;
    if (colon == std::string_view::npos || !parse(rest_.substr(0, colon), size) || size > rest_.size() - colon - 1)
      return fail();
    const std::string field(rest_.substr(colon + 1, size));
    rest_.remove_prefix(colon + 1 + size);
    return field;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    if (!parse(text(), value)) fail();
    return value;
  }
  // Everything was there, and no more.
  [[nodiscard]] bool is_whole() const { return is_good_ && rest_.empty(); }

 private:
  template <class Number>
  static bool parse(std::string_view digits, Number& into) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return error == std::errc() && end == digits.data() + digits.size();
  }
  std::string fail() {
    is_good_ = false;
    rest_ = {};
    return {};
  }

  std::string_view rest_;
  bool is_good_ = true;
};

}  // namespace

std::string to_wire(const std::string& folder, const CloneOptions& options) {
  Writer out;
  out.text(folder).text(options.url).text(options.branch).text(options.after).text(options.credentials.string());
  out.number(options.allow_local ? 1 : 0)
      .number(options.allow_private_networks ? 1 : 0)
      .number(options.allowed_hosts.size());
  for (const std::string& host : options.allowed_hosts) out.text(host);
  out.number(options.max_bytes)
      .number(options.largest_file ? 1 : 0)
      .number(options.largest_file.value_or(0))
      .number(options.max_objects);
  out.number(static_cast<std::uint64_t>(options.time_limit.count())).number(options.max_memory);
  return out.take();
}

std::optional<FetchRequest> request_from_wire(std::string_view text) {
  Reader in(text);
  FetchRequest request;
  CloneOptions& options = request.options;
  request.folder = in.text();
  options.url = in.text();
  options.branch = in.text();
  options.after = in.text();
  options.credentials = in.text();
  options.allow_local = in.number() != 0;
  options.allow_private_networks = in.number() != 0;
  for (std::uint64_t left = in.number(); left > 0; --left) options.allowed_hosts.push_back(in.text());
  options.max_bytes = in.number();
  const bool has_largest = in.number() != 0;
  const std::uint64_t largest = in.number();
  options.largest_file = has_largest ? std::optional(largest) : std::nullopt;
  options.max_objects = in.number();
  options.time_limit = std::chrono::seconds(in.number());
  options.max_memory = in.number();
  return in.is_whole() ? std::optional(std::move(request)) : std::nullopt;
}

std::string to_wire(const FetchOutcome& outcome) {
  Writer out;
  out.number(outcome.is_doubtful ? 1 : 0).number(outcome.done ? 1 : 0);
  if (!outcome.done)
    out.number(static_cast<std::uint64_t>(outcome.done.error().kind)).text(outcome.done.error().message);
  return out.take();
}

std::optional<FetchOutcome> outcome_from_wire(std::string_view text) {
  Reader in(text);
  FetchOutcome outcome{base::ok(), in.number() != 0};
  if (in.number() == 0) {
    const auto kind = in.number();
    if (kind > static_cast<std::uint64_t>(base::ErrorKind::Bug)) return std::nullopt;
    outcome.done = base::Error{static_cast<base::ErrorKind>(kind), in.text()};
  }
  return in.is_whole() ? std::optional(std::move(outcome)) : std::nullopt;
}

}  // namespace cadence::analysis::source
