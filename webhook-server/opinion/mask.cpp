#include "opinion/mask.hpp"

#include <re2/re2.h>

namespace cadence::opinion {
namespace {

constexpr const char* kMasked = "[masked]";

// Longer than any name in code, with letters and digits both.
bool is_token(std::string_view word) {
  constexpr std::size_t kShortest = 20;
  bool has_letter = false;
  bool has_digit = false;
  for (const char c : word) {
    has_digit = has_digit || (c >= '0' && c <= '9');
    has_letter = has_letter || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  return word.size() >= kShortest && has_letter && has_digit;
}

std::string without_tokens(const std::string& text) {
  static const re2::RE2 word("[A-Za-z0-9+/_.=-]+");
  std::string result;
  re2::StringPiece rest(text);
  re2::StringPiece found;
  std::size_t copied = 0;
  for (std::size_t at = 0; word.Match(rest, at, text.size(), re2::RE2::UNANCHORED, &found, 1);) {
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    at = begin + found.size();
    if (!is_token({found.data(), found.size()})) continue;
    result.append(text, copied, begin - copied).append(kMasked);
    copied = at;
  }
  return result.append(text, copied);
}

}  // namespace

// What follows such a name and a sign of assignment is masked to the end of its line, or of its text in three quotes:
// where a value ends by itself is another matter in each language.
std::string without_secrets(std::string_view code) {
  static const auto latin = [] {
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingLatin1);  // strangers' bytes need not be UTF-8
    return options;
  }();
  static const re2::RE2 private_key("(?s)-----BEGIN [A-Z ]*PRIVATE KEY.*?(-----END [A-Z ]*PRIVATE KEY-----|\\z)",
                                    latin);
  static const re2::RE2 user("([a-zA-Z][a-zA-Z0-9+.-]*://)[^/\\s\"'@]+@", latin);
  static const re2::RE2 assignment(
      "(?i)([a-z0-9_.-]*(?:pass|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|authorization|"
      "bearer)[a-z0-9_.-]*"
      "(?:\\[[^\\]\n]*\\])?[\"'\\]]*\\s*(?:=>|:=|[:=])\\s*)(?:\"\"\"(?s:.*?)(?:\"\"\"|\\z)|'''(?s:.*?)(?:'''|\\z)|[^"
      "\\s])[^\n]*",
      latin);
  static const re2::RE2 trailer("(?im)^[a-z-]+-(?:by|to):.*$", latin);  // Signed-off-by: and the like name people
  static const re2::RE2 address("[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+", latin);
  std::string text(code);
  re2::RE2::GlobalReplace(&text, private_key, kMasked);
  re2::RE2::GlobalReplace(&text, user, "\\1[masked]@");
  re2::RE2::GlobalReplace(&text, assignment, "\\1[masked]");
  re2::RE2::GlobalReplace(&text, trailer, kMasked);
  re2::RE2::GlobalReplace(&text, address, kMasked);
  return without_tokens(text);
}

}  // namespace cadence::opinion
