#include "analysis/web/prepared.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.hpp"

namespace cadence::analysis::web {
namespace {

constexpr auto kEnd = std::string_view::npos;
constexpr char32_t kFirst = 0xF0000;  // of plane 15, four bytes each in UTF-8: F3 B0 80 80 and so on
constexpr std::size_t kMostStretches = 0xFFF0;
constexpr std::size_t kMark = 4;  // bytes of such a character

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool ends_name(char c) { return c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }

enum class Kind : std::uint8_t { Other, Space, Mark, Letter, Two, Three };

// By first byte, what a stretch may hold: nothing that ends text, begins a reference, or that gumbo would change.
constexpr std::array<Kind, 256> kKinds = [] {
  std::array<Kind, 256> kinds{};
  for (unsigned c = 0x21; c < 0x7f; ++c) kinds[c] = Kind::Mark;
  for (unsigned c = '0'; c <= '9'; ++c) kinds[c] = Kind::Letter;
  for (unsigned c = 'a'; c <= 'z'; ++c) kinds[c] = kinds[c - 'a' + 'A'] = Kind::Letter;
  for (const unsigned c : {'<', '>', '&'}) kinds[c] = Kind::Other;
  for (const unsigned c : {' ', '\t', '\n'}) kinds[c] = Kind::Space;
  for (unsigned c = 0xc3; c <= 0xdf; ++c) kinds[c] = Kind::Two;    // U+00C0 on: no control characters
  for (unsigned c = 0xe0; c <= 0xee; ++c) kinds[c] = Kind::Three;  // to U+EFFF: no noncharacters
  return kinds;
}();

Kind kind_of(char c) { return kKinds[static_cast<unsigned char>(c)]; }

void append_mark(std::string& text, std::size_t number) {
  const std::size_t c = kFirst + number;
  for (const unsigned shift : {18U, 12U, 6U, 0U})
    text += static_cast<char>((shift == 18 ? 0xF0U : 0x80U) | (c >> shift & 0x3FU));
}

bool is_mark_at(std::string_view text, std::size_t at) {
  return text[at] == '\xf3' && text.size() - at >= kMark && static_cast<unsigned char>(text[at + 1]) >= 0xb0;
}

std::size_t number_at(std::string_view text, std::size_t at) {
  const auto bits = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[at + i]) & 0x3FU);
  };
  return (bits(1) << 12U | bits(2) << 6U | bits(3)) & 0xFFFFU;
}

// A reference that names such a character, or a number so long that gumbo may take it for one.
bool is_reference_to_mark(std::string_view reference) {
  const bool is_hex = !reference.empty() && (reference[0] == 'x' || reference[0] == 'X');
  if (is_hex) reference.remove_prefix(1);
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(reference.data(), reference.data() + reference.size(), value, is_hex ? 16 : 10);
  return error == std::errc::result_out_of_range || value > 0xFFFFFFU || (value >= kFirst && value < kFirst + 0x10000);
}

// The page has such characters itself.
bool has_marks(std::string_view source) {
  for (auto at = source.find('\xf3'); at != kEnd; at = source.find('\xf3', at + 1)) {
    if (is_mark_at(source, at)) return true;
  }
  for (auto at = source.find("&#"); at != kEnd; at = source.find("&#", at + 2)) {
    if (is_reference_to_mark(source.substr(at + 2))) return true;
  }
  return false;
}

}  // namespace

// As far as HTML's tokenizer goes to tell tags from what only looks like one.
class Prepared::Scan {
 public:
  Scan(Prepared& result, std::size_t least_stretch)
      : source_(result.source_),
        least_stretch_(has_marks(source_) ? kEnd : std::max(least_stretch, kMark + 1)),
        result_(result) {}

  void run() {
    while (at_ < source_.size()) {
      const auto found = std::min(source_.find('<', at_), source_.size());
      take_text(at_, found);
      at_ = found;
      if (at_ + 1 >= source_.size()) break;
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
    if (result_.is_changed()) result_.text_.append(source_.substr(copied_));
  }

 private:
  // The stretches of a piece of text. A piece may begin within a reference or a tag, as far as gumbo sees it: up to the
  // first space nothing is taken, and the same after what no stretch may hold.
  void take_text(std::size_t at, std::size_t end) {
    bool is_open = at == 0 || source_[at - 1] == '>';
    while (at < end) {
      const Kind kind = kind_of(source_[at]);
      if (kind == Kind::Space) is_open = true;
      if (kind == Kind::Other) is_open = source_[at] == '>';
      if (!is_open || kind == Kind::Space || kind == Kind::Other) {
        ++at;
      } else {
        at = take_stretch(at + length_of(kind), end);
      }
    }
  }

  static std::size_t length_of(Kind kind) { return kind == Kind::Three ? 3 : kind == Kind::Two ? 2 : 1; }

  // From `begin`, behind a character that stays, to behind the last letter, so that no "--" or "]]" comes to stand
  // before what follows.
  std::size_t take_stretch(std::size_t begin, std::size_t end) {
    std::size_t at = begin;
    std::size_t last = begin;
    while (at < end) {
      const Kind kind = kind_of(source_[at]);
      if (kind == Kind::Other) break;
      at += length_of(kind);
      if (kind != Kind::Space && kind != Kind::Mark) last = at;
    }
    at = std::min(at, end);
    if (last > end || last - begin < least_stretch_ || result_.stretches_.size() == kMostStretches)
      return std::max(at, begin);
    result_.text_.append(source_.substr(copied_, begin - copied_));
    append_mark(result_.text_, result_.stretches_.size());
    result_.stretches_.push_back(source_.substr(begin, last - begin));
    copied_ = last;
    return at;
  }

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
    // not beyond, or many comments would each read to the end
    const auto odd = source_.substr(0, plain).find("--!>", at_);
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
      if (behind < source_.size() && base::equals_ignoring_case(source_.substr(at + 2, name.size()), name) &&
          ends_name(source_[behind]))
        return at;
    }
    return source_.size();
  }

  void take_start_tag() {
    const std::size_t start = at_;
    auto name_end = at_ + 1;
    while (name_end < source_.size() && !ends_name(source_[name_end])) ++name_end;
    const std::string name =
        name_end - at_ <= 16 ? base::to_lower(source_.substr(at_ + 1, name_end - at_ - 1)) : std::string();
    at_ = name_end;
    skip_tag();
    if (name == "noscript") return take_contents(start);
    if (name == "plaintext") take_raw(source_.size());
    if (name == "script") return skip_script();
    for (const std::string_view raw : {"style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}) {
      if (name == raw) take_raw(find_end_tag(raw, at_));
    }
  }

  // A script that opens a comment and a script within it ends only after both.
  void skip_script() {
    auto end = find_end_tag("script", at_);
    const auto comment = source_.substr(0, end).find("<!--", at_);
    if (comment != kEnd) {
      const std::string inner = base::to_lower(source_.substr(comment, end - comment));
      if (inner.find("-->") == kEnd && inner.find("<script") != kEnd)
        end = find_end_tag("script", std::min(end + 2, source_.size()));
    }
    take_raw(end);
  }

  void take_raw(std::size_t end) {
    take_text(at_, end);
    at_ = end;
  }

  void take_contents(std::size_t start) {
    constexpr std::size_t kNameBytes = 8;  // noscript and noframes alike
    const std::size_t end = find_end_tag("noscript", at_);
    result_.text_.append(source_.substr(copied_, start - copied_));
    result_.noscripts_.emplace(result_.text_.size(), source_.substr(at_, end - at_));
    result_.text_.append("<noframes")
        .append(source_.substr(start + 1 + kNameBytes, at_ - start - 1 - kNameBytes))
        .append("</noframes");
    if (end == source_.size()) result_.text_.append(">");
    copied_ = std::min(end + 2 + kNameBytes, source_.size());
    at_ = copied_;
  }

  const std::string_view source_;
  const std::size_t least_stretch_;
  Prepared& result_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;
};

Prepared::Prepared(std::string_view source, std::size_t least_stretch) : source_(source) {
  Scan(*this, least_stretch).run();
}

const std::string_view* Prepared::noscript_at(std::size_t place) const {
  const auto found = noscripts_.find(place);
  return found == noscripts_.end() ? nullptr : &found->second;
}

std::string_view Prepared::restore(std::string_view said, std::string& scratch, std::size_t& stretches) const {
  auto at = stretches_.empty() ? kEnd : said.find('\xf3');
  if (at == kEnd) return said;
  scratch.clear();
  std::size_t copied = 0;
  for (; at != kEnd; at = said.find('\xf3', at + 1)) {
    if (!is_mark_at(said, at) || number_at(said, at) >= stretches_.size()) continue;
    scratch.append(said.substr(copied, at - copied)).append(stretches_[number_at(said, at)]);
    copied = at + kMark;
    ++stretches;
  }
  return scratch.append(said.substr(copied));
}

}  // namespace cadence::analysis::web
