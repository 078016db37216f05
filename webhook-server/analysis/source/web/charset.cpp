#include "analysis/source/web/charset.hpp"

#include <uchardet/uchardet.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "analysis/source/web/markup_facts.hpp"
#include "analysis/text/encoding.hpp"
#include "analysis/text/unicode.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

// of undeclared text, from its first letter that is no ASCII on: far more than a guess needs
constexpr std::size_t kLookedAt = 64 << 10;

struct DeleteDetector {
  void operator()(uchardet_t detector) const { uchardet_delete(detector); }
};

// Text in UTF-8 with a broken character or two is that, and nothing else looks like it.
bool is_nearly_utf8(std::string_view body) {
  std::size_t whole = 0;
  std::size_t broken = 0;
  for (std::size_t at = 0; (at = find_beyond_ascii(body, at)) < body.size();) {
    const Character next = character_at(body.substr(at));
    ++(next.is_valid ? whole : broken);
    at += next.bytes;
  }
  return broken == 0 || whole / 10 >= broken;
}

// The encoding of Windows that shares its letters with an ISO one, and has more besides.
std::string_view with_windows_letters(std::string_view encoding) {
  constexpr std::pair<std::string_view, std::string_view> kTwins[] = {
      {"iso-8859-2", "windows-1250"}, {"iso-8859-4", "windows-1257"}, {"iso-8859-5", "windows-1251"},
      {"iso-8859-6", "windows-1256"}, {"iso-8859-7", "windows-1253"}, {"iso-8859-8", "windows-1255"},
      {"iso-8859-13", "windows-1257"}};
  for (const auto& [iso, windows] : kTwins) {
    if (encoding == iso) return windows;
  }
  return encoding;
}

const Encoding* guessed_encoding(std::string_view body) {
  if (is_nearly_utf8(body)) return encoding_of("utf-8");
  const std::string_view sample = body.substr(find_beyond_ascii(body, 0), kLookedAt);
  const std::unique_ptr<uchardet, DeleteDetector> detector(uchardet_new());
  if (uchardet_handle_data(detector.get(), sample.data(), sample.size()) == 0) uchardet_data_end(detector.get());
  const std::string_view said = uchardet_get_charset(detector.get());
  const Encoding* encoding = encoding_of(said == "UHC" ? "euc-kr" : said);
  // No page is declared in others where nobody declares anything; what is left is western.
  if (encoding == nullptr || encoding->kind == Encoding::Kind::Utf8) return encoding_of("windows-1252");
  const bool has_windows_bytes =
      std::any_of(sample.begin(), sample.end(), [](unsigned char byte) { return byte >= 0x80 && byte < 0xa0; });
  return has_windows_bytes ? encoding_of(with_windows_letters(encoding->name)) : encoding;
}

// A declaration that could be read as ASCII is not in UTF-16, whatever it says.
const Encoding* declared_within(std::string_view body, bool is_xml) {
  const Encoding* encoding = is_xml ? nullptr : encoding_of(meta_charset(body));
  const bool is_by_meta = encoding != nullptr;
  if (encoding == nullptr) encoding = encoding_of(xml_charset(body));
  if (encoding == nullptr) return is_xml ? encoding_of("utf-8") : nullptr;
  if (encoding->kind == Encoding::Kind::Utf16Le || encoding->kind == Encoding::Kind::Utf16Be)
    return encoding_of("utf-8");
  if (is_by_meta && encoding->kind == Encoding::Kind::UserDefined) return encoding_of("windows-1252");
  return encoding;
}

}  // namespace

ContentType parse_content_type(std::string_view header) {
  ContentType type;
  const auto parts = base::split(header, ';');
  type.media_type = base::to_lower(base::trim(parts.front()));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string parameter = base::to_lower(base::trim(parts[i]));
    if (!parameter.starts_with("charset=") || !type.charset.empty()) continue;
    std::string_view value = base::trim(std::string_view(parameter).substr(8));
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    type.charset = std::string(value);
  }
  return type;
}

bool is_page(const ContentType& type) {
  return type.media_type.empty() || type.media_type.starts_with("text/") || type.media_type == "application/xhtml+xml";
}

bool is_binary_body(std::string_view body, const ContentType& type) {
  if (!type.media_type.empty() && type.media_type != "text/plain") return false;
  std::size_t mark = 0;
  if (encoding_by_mark(body, mark) != nullptr) return false;
  body = body.substr(0, 1445);
  return body.starts_with("%PDF-") || std::any_of(body.begin(), body.end(), [](unsigned char byte) {
           return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\f' && byte != '\r' && byte != 0x1b;
         });
}

base::Result<std::string> to_utf8(std::string body, const ContentType& type, std::size_t most) {
  std::size_t mark = 0;
  const Encoding* encoding = encoding_by_mark(body, mark);
  if (encoding == nullptr) encoding = encoding_of(type.charset);
  if (encoding == nullptr) encoding = declared_within(body, type.media_type == "application/xhtml+xml");
  if (encoding == nullptr) encoding = guessed_encoding(body);
  body.erase(0, mark);
  auto text = decode(std::move(body), *encoding, 3 * most + 3);
  // U+FFFD for each byte makes three of one: that is damage, and no larger page.
  const bool is_too_large = !text || (encoding->kind != Encoding::Kind::Utf8 && text->size() > most);
  if (is_too_large) {
    return base::Error{base::ErrorKind::Invalid,
                       "its text is larger than " + std::to_string(most) + " bytes in UTF-8. Analyse a smaller page"};
  }
  return std::move(*text);
}

}  // namespace cadence::analysis::source
