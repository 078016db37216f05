#include "analysis/source/web/markup_facts.hpp"

#include <algorithm>
#include <array>

#include "analysis/text/encoding.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

// Browsers look for an encoding in the first 1,024 bytes, and begin again when the head declares one later; heads are
// shorter than this.
constexpr std::size_t kHeadBytes = 64 << 10;
constexpr std::size_t kRefreshBytes = 256 << 10;
constexpr std::string_view kSpaces = "\t\n\f\r ";

bool is_space(char c) { return kSpaces.find(c) != std::string_view::npos; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Attribute {
  std::string name;  // lower case
  std::string_view value;
};

// The start tags of a page, one after the other.
class Tags {
 public:
  explicit Tags(std::string_view text) : text_(text) {}

  // Moves on to the next start tag; false at the end. Attributes that were not asked for are passed over.
  bool next() {
    while (next_attribute()) {
    }
    while ((at_ = text_.find('<', at_)) != std::string_view::npos) {
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("<!--")) {
        skip_behind("-->", at_ + 2);  // <!--> is a whole comment
      } else if (rest.size() > 1 && is_letter(rest[1])) {
        read_name(at_ + 1);
        return true;
      } else if (rest.size() > 2 && rest[1] == '/' && is_letter(rest[2])) {
        read_name(at_ + 2);
        while (next_attribute()) {
        }
      } else if (rest.size() > 1 && (rest[1] == '!' || rest[1] == '/' || rest[1] == '?')) {
        skip_behind(">", at_);
      } else {
        ++at_;
      }
    }
    return false;
  }

  [[nodiscard]] const std::string& name() const { return name_; }

  // The next attribute of this tag, "get an attribute" of the standard.
  std::optional<Attribute> next_attribute() {
    if (!is_in_tag_) return std::nullopt;
    skip([](char c) { return is_space(c) || c == '/'; });
    if (at_ >= text_.size() || text_[at_] == '>') {
      is_in_tag_ = false;
      return std::nullopt;
    }
    const std::size_t begin = at_;
    ++at_;
    skip([](char c) { return c != '=' && c != '>' && c != '/' && !is_space(c); });
    Attribute attribute{base::to_lower(text_.substr(begin, at_ - begin)), {}};
    skip(is_space);
    if (at_ >= text_.size() || text_[at_] != '=') return attribute;
    ++at_;
    skip(is_space);
    attribute.value = read_value();
    return attribute;
  }

  // Passes over what an element holds whose content is text and no markup.
  void skip_content() {
    while (next_attribute()) {
    }
    for (at_ = text_.find("</", at_); at_ != std::string_view::npos; at_ = text_.find("</", at_ + 2)) {
      if (base::equals_ignoring_case(text_.substr(at_ + 2, name_.size()), name_)) return;
    }
  }

 private:
  template <class While>
  void skip(While wanted) {
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
  }

  void skip_behind(std::string_view mark, std::size_t from) {
    const std::size_t found = text_.find(mark, from);
    at_ = found == std::string_view::npos ? found : found + mark.size();
  }

  void read_name(std::size_t begin) {
    at_ = begin;
    skip([](char c) { return !is_space(c) && c != '>' && c != '/'; });
    name_ = base::to_lower(text_.substr(begin, std::min<std::size_t>(at_ - begin, 32)));
    is_in_tag_ = true;
  }

  std::string_view read_value() {
    if (at_ >= text_.size()) return {};
    const char quote = text_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t begin = at_ + 1;
      const std::size_t end = std::min(text_.find(quote, begin), text_.size());
      at_ = std::min(end + 1, text_.size());
      return text_.substr(begin, end - begin);
    }
    const std::size_t begin = at_;
    skip([](char c) { return !is_space(c) && c != '>'; });
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string name_;
  bool is_in_tag_ = false;
};

std::string_view without_spaces_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kSpaces), text.size()));
}

// "text/html; charset=x": the standard's own way through it, which takes less care than a header's.
std::string_view charset_in(std::string_view content) {
  constexpr std::string_view kName = "charset";
  for (std::size_t at = 0; at + kName.size() <= content.size(); ++at) {
    if (!base::equals_ignoring_case(content.substr(at, kName.size()), kName)) continue;
    std::string_view rest = without_spaces_before(content.substr(at + kName.size()));
    if (!rest.starts_with('=')) continue;
    rest = without_spaces_before(rest.substr(1));
    if (rest.empty()) return {};
    if (rest[0] == '"' || rest[0] == '\'') {
      const std::size_t end = rest.find(rest[0], 1);
      return end == std::string_view::npos ? std::string_view{} : rest.substr(1, end - 1);
    }
    return rest.substr(0, std::min(rest.find_first_of("\t\n\f\r ;"), rest.size()));
  }
  return {};
}

struct Meta {
  std::string_view charset, content, http_equiv;
};

Meta read_meta(Tags& tags) {
  Meta meta;
  std::array<bool, 3> seen{};
  const auto take = [&](std::size_t place, std::string_view& target, std::string_view value) {
    if (!seen[place]) target = value;  // of attributes with one name the first counts
    seen[place] = true;
  };
  while (const auto attribute = tags.next_attribute()) {
    if (attribute->name == "charset") take(0, meta.charset, attribute->value);
    if (attribute->name == "content") take(1, meta.content, attribute->value);
    if (attribute->name == "http-equiv") take(2, meta.http_equiv, attribute->value);
  }
  return meta;
}

bool holds_text(const std::string& element) {
  constexpr std::array<std::string_view, 10> kNames = {"script", "style", "title",   "textarea", "noscript",
                                                       "iframe", "xmp",   "noembed", "noframes", "template"};
  return std::find(kNames.begin(), kNames.end(), element) != kNames.end();
}

// Attributes of common pages hold no other references than these.
std::string without_references(std::string_view value) {
  std::string text(value);
  for (const auto& [reference, character] :
       {std::pair{"&quot;", "\""}, {"&#39;", "'"}, {"&#x27;", "'"}, {"&#47;", "/"}, {"&#x2F;", "/"}, {"&amp;", "&"}}) {
    text = base::replace_all(text, reference, character);
  }
  return text;
}

}  // namespace

std::string meta_charset(std::string_view bytes) {
  Tags tags(bytes.substr(0, kHeadBytes));
  while (tags.next()) {
    if (tags.name() == "body") return {};
    if (tags.name() != "meta") continue;
    const Meta meta = read_meta(tags);
    std::string_view label = meta.charset;
    if (label.empty() && base::equals_ignoring_case(base::trim(meta.http_equiv), "content-type"))
      label = charset_in(meta.content);
    if (encoding_of(label) != nullptr) return std::string(label);
  }
  return {};
}

std::string xml_charset(std::string_view bytes) {
  if (!bytes.starts_with("<?xml")) return {};
  const std::string_view declaration = bytes.substr(0, bytes.substr(0, 1024).find("?>"));
  if (declaration.size() == bytes.size()) return {};
  const std::size_t found = declaration.find("encoding");
  if (found == std::string_view::npos) return {};
  std::string_view rest = without_spaces_before(declaration.substr(found + 8));
  if (!rest.starts_with('=')) return {};
  rest = without_spaces_before(rest.substr(1));
  if (rest.empty() || (rest[0] != '"' && rest[0] != '\'')) return {};
  const std::size_t end = rest.find(rest[0], 1);
  return end == std::string_view::npos ? std::string() : std::string(rest.substr(1, end - 1));
}

std::optional<Refresh> parse_refresh(std::string_view value) {
  value = without_spaces_before(value);
  const std::size_t digits = std::min(value.find_first_not_of("0123456789"), value.size());
  if (digits == 0 && !value.starts_with('.')) return std::nullopt;
  Refresh refresh;
  refresh.seconds =
      digits > 6 ? 1'000'000 : static_cast<long>(base::parse_integer(value.substr(0, digits)).value_or(0));
  value.remove_prefix(std::min(value.find_first_not_of("0123456789."), value.size()));
  if (value.empty()) return refresh;
  if (value[0] != ';' && value[0] != ',' && !is_space(value[0])) return std::nullopt;
  value = without_spaces_before(value);
  if (value.starts_with(';') || value.starts_with(',')) value = without_spaces_before(value.substr(1));
  if (base::equals_ignoring_case(value.substr(0, 3), "url")) {
    const std::string_view rest = without_spaces_before(value.substr(3));
    if (rest.starts_with('=')) value = without_spaces_before(rest.substr(1));
  }
  if (value.starts_with('"') || value.starts_with('\'')) value = value.substr(1, value.find(value[0], 1) - 1);
  std::copy_if(value.begin(), value.end(), std::back_inserter(refresh.url),
               [](char c) { return c != '\t' && c != '\n' && c != '\r'; });
  return refresh;
}

std::optional<Refresh> meta_refresh(std::string_view source) {
  Tags tags(source.substr(0, kRefreshBytes));
  std::string base;
  while (tags.next()) {
    if (holds_text(tags.name())) {
      tags.skip_content();
    } else if (tags.name() == "base" && base.empty()) {
      while (const auto attribute = tags.next_attribute()) {
        if (attribute->name == "href") base = without_references(attribute->value);
      }
    } else if (tags.name() == "meta") {
      const Meta meta = read_meta(tags);
      if (!base::equals_ignoring_case(base::trim(meta.http_equiv), "refresh")) continue;
      auto refresh = parse_refresh(without_references(meta.content));
      if (refresh) refresh->base = base;
      return refresh;
    }
  }
  return std::nullopt;
}

}  // namespace cadence::analysis::source
