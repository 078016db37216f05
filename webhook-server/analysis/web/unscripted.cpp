#include "analysis/web/unscripted.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::analysis::web {
namespace {

constexpr auto kEnd = std::string_view::npos;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool ends_name(char c) { return c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

// As far as HTML's tokenizer goes to tell tags from what only looks like one.
class Scan {
 public:
  explicit Scan(std::string_view source) : source_(source) { result_.original = source; }

  Unscripted run() {
    while (at_ < source_.size()) {
      at_ = source_.find('<', at_);
      if (at_ == kEnd || at_ + 1 >= source_.size()) break;
      const char next = source_[at_ + 1];
      if (next == '!' || next == '?') {
        skip_declaration();
      } else if (next == '/') {
        at_ += 2;
        skip_tag();
      } else if (is_letter(next)) {
        take_start_tag();
      } else {
        ++at_;
      }
    }
    if (!result_.contents.empty()) result_.rewritten.append(source_.substr(copied_));
    return std::move(result_);
  }

 private:
  void skip_past(std::string_view end) {
    const auto found = source_.find(end, at_);
    at_ = found == kEnd ? source_.size() : found + end.size();
  }

  void skip_declaration() {
    if (source_.substr(at_, 4) != "<!--") return skip_past(">");
    at_ += 4;
    for (const std::string_view at_once : {">", "->"}) {
      if (source_.substr(at_).starts_with(at_once)) {
        at_ += at_once.size();
        return;
      }
    }
    const auto plain = std::min(source_.find("-->", at_), source_.size());
    const auto odd = source_.substr(0, plain).find("--!>", at_);  // not beyond, or many comments would each read to the end
    at_ = odd == kEnd ? std::min(plain + 3, source_.size()) : odd + 4;
  }

  // From a tag's name to behind its >; a > within a quoted value does not end it.
  void skip_tag() {
    char quote = 0;
    bool is_value = false;
    for (; at_ < source_.size(); ++at_) {
      const char c = source_[at_];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '>') {
        ++at_;
        return;
      } else if (is_value && (c == '"' || c == '\'')) {
        quote = c;
        is_value = false;
      } else if (c == '=') {
        is_value = true;
      } else if (c != ' ' && c != '\t' && c != '\n' && c != '\f' && c != '\r') {
        is_value = false;
      }
    }
  }

  // Where the end tag of a raw text element begins; the end of the source when it has none.
  std::size_t find_end_tag(std::string_view name, std::size_t from) const {
    for (auto at = source_.find("</", from); at != kEnd; at = source_.find("</", at + 2)) {
      const auto behind = at + 2 + name.size();
      if (behind < source_.size() && base::equals_ignoring_case(source_.substr(at + 2, name.size()), name) && ends_name(source_[behind])) return at;
    }
    return source_.size();
  }

  void take_start_tag() {
    const std::size_t start = at_;
    auto name_end = at_ + 1;
    while (name_end < source_.size() && !ends_name(source_[name_end])) ++name_end;
    const std::string name = name_end - at_ <= 16 ? base::to_lower(source_.substr(at_ + 1, name_end - at_ - 1)) : std::string();
    at_ = name_end;
    skip_tag();
    if (name == "noscript") return take_contents(start);
    if (name == "plaintext") at_ = source_.size();
    if (name == "script") return skip_script();
    for (const std::string_view raw : {"style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}) {
      if (name == raw) at_ = find_end_tag(raw, at_);
    }
  }

  // A script that opens a comment and a script within it ends only after both.
  void skip_script() {
    auto end = find_end_tag("script", at_);
    const auto comment = source_.substr(0, end).find("<!--", at_);
    if (comment != kEnd) {
      const std::string inner = base::to_lower(source_.substr(comment, end - comment));
      if (inner.find("-->") == kEnd && inner.find("<script") != kEnd) end = find_end_tag("script", std::min(end + 2, source_.size()));
    }
    at_ = end;
  }

  void take_contents(std::size_t start) {
    constexpr std::size_t kNameBytes = 8;  // noscript and noframes alike
    const std::size_t end = find_end_tag("noscript", at_);
    result_.rewritten.append(source_.substr(copied_, start - copied_));
    result_.contents.emplace(result_.rewritten.size(), source_.substr(at_, end - at_));
    result_.rewritten.append("<noframes").append(source_.substr(start + 1 + kNameBytes, at_ - start - 1 - kNameBytes)).append("</noframes");
    if (end == source_.size()) result_.rewritten.append(">");
    copied_ = std::min(end + 2 + kNameBytes, source_.size());
    at_ = copied_;
  }

  const std::string_view source_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
  Unscripted result_;
};

bool mentions_noscript(std::string_view source) {
  for (auto at = source.find('<'); at != kEnd; at = source.find('<', at + 1)) {
    if (base::equals_ignoring_case(source.substr(at + 1, 8), "noscript")) return true;
  }
  return false;
}

}  // namespace

Unscripted take_out_noscript(std::string_view source) {
  if (mentions_noscript(source)) return Scan(source).run();
  return {source, {}, {}};
}

}  // namespace cadence::analysis::web
