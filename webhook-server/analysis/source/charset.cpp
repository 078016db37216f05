#include "analysis/source/charset.hpp"

#include <iconv.h>

#include <cerrno>
#include <memory>

#include "analysis/text/unicode.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

struct CloseConversion {
  void operator()(void* conversion) const { iconv_close(conversion); }
};
using Conversion = std::unique_ptr<void, CloseConversion>;

bool is_charset_name(std::string_view name) {
  if (name.empty() || name.size() > 40) return false;
  for (const char c : name) {
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!is_word && c != '-' && c != '_' && c != '.' && c != ':') return false;  // no / that iconv takes for an option
  }
  return true;
}

// Browsers read what says Latin-1 or ASCII as Windows-1252 (encoding.spec.whatwg.org, "names and labels").
std::string known_as(std::string_view charset) {
  for (const std::string_view western : {"iso-8859-1", "latin1", "ascii", "us-ascii", "iso8859-1", "l1"}) {
    if (charset == western) return "windows-1252";
  }
  return std::string(charset);
}

Conversion open_conversion(std::string_view charset) {
  if (!is_charset_name(charset)) return nullptr;
  const iconv_t opened = iconv_open("UTF-8", known_as(charset).c_str());
  return Conversion(opened == reinterpret_cast<iconv_t>(-1) ? nullptr : opened);
}

base::Result<std::string> convert(const std::string& body, void* conversion, std::size_t most) {
  std::string text;
  char* from = const_cast<char*>(body.data());  // iconv does not write there
  std::size_t left = body.size();
  char piece[4096];
  for (;;) {
    char* into = piece;
    std::size_t room = sizeof piece;
    const std::size_t outcome = iconv(conversion, left > 0 ? &from : nullptr, &left, &into, &room);
    const int why = outcome == static_cast<std::size_t>(-1) ? errno : 0;
    text.append(piece, sizeof piece - room);
    if (text.size() > most) {
      return base::Error{base::ErrorKind::Invalid, "its text is larger than " + std::to_string(most) + " bytes in UTF-8. Analyse a smaller page"};
    }
    if (why == E2BIG) continue;
    if (why == 0 && left == 0) return text;
    append_character(text, kReplacement);
    if (why == EINVAL || left == 0) return text;  // cut short within a character
    ++from;
    --left;
  }
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
    if (value.size() > 1 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) value = value.substr(1, value.size() - 2);
    type.charset = std::string(value);
  }
  return type;
}

bool is_page(const ContentType& type) {
  return type.media_type.empty() || type.media_type.starts_with("text/") || type.media_type == "application/xhtml+xml";
}

base::Result<std::string> to_utf8(std::string body, std::string_view charset, std::size_t most) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  const bool is_utf8 = charset.empty() || charset == "utf-8" || charset == "utf8" || body.starts_with(kMark);
  const Conversion conversion = is_utf8 ? nullptr : open_conversion(charset);
  if (conversion) {
    auto text = convert(body, conversion.get(), most);
    if (!text) return text;
    body = std::move(*text);
  }
  if (body.starts_with(kMark)) body.erase(0, kMark.size());
  return valid_utf8(std::move(body));  // three bytes for one, at worst
}

}  // namespace cadence::analysis::source
