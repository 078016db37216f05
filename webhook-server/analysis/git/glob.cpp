#include "analysis/git/glob.hpp"

#include <cstddef>
#include <optional>

namespace cadence::analysis::git {
namespace {

// Bytes of the UTF-8 character at the start; a stray byte is a character of its own.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 1;
  if (length > text.size()) return 1;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) return 1;
  }
  return length;
}

// One character of a class, unescaped; nothing when the pattern is malformed there. UTF-8 of equal length sorts like
// code points, longer after shorter, so characters compare by length, then bytes.
std::optional<std::string_view> class_character(std::string_view& rest) {
  if (!rest.empty() && (rest.front() == '-' || rest.front() == ']')) return std::nullopt;
  if (!rest.empty() && rest.front() == '\\') rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  const std::string_view character = rest.substr(0, character_length(rest));
  rest.remove_prefix(character.size());
  if (rest.empty()) return std::nullopt;  // a class must be closed
  return character;
}

bool not_after(std::string_view a, std::string_view b) { return a.size() != b.size() ? a.size() < b.size() : a <= b; }

struct ClassMatch {
  bool is_valid = false;
  bool matched = false;
  std::size_t length = 0;  // of the class in the pattern
};

ClassMatch match_class(std::string_view pattern, std::string_view character) {
  std::string_view rest = pattern.substr(1);
  const bool negated = rest.starts_with('^');
  if (negated) rest.remove_prefix(1);
  bool matched = false;
  for (bool is_first = true; is_first || !rest.starts_with(']'); is_first = false) {
    const auto low = class_character(rest);
    if (!low) return {};
    auto high = low;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      high = class_character(rest);
      if (!high) return {};
    }
    matched = matched || (not_after(*low, character) && not_after(character, *high));
  }
  return {true, matched != negated, pattern.size() - rest.size() + 1};
}

// The pattern's next item against the character at the start of `text`: how much of the pattern it took, nothing on a
// mismatch.
std::optional<std::size_t> match_one(std::string_view pattern, std::string_view character) {
  switch (pattern.front()) {
    case '?':
      return character == "/" ? std::nullopt : std::optional<std::size_t>(1);
    case '[': {
      const ClassMatch found = match_class(pattern, character);
      return found.is_valid && found.matched ? std::optional(found.length) : std::nullopt;
    }
    case '\\': {
      const std::string_view literal = pattern.substr(1);
      return literal.starts_with(character) ? std::optional(character.size() + 1) : std::nullopt;
    }
    default:
      return pattern.starts_with(character) ? std::optional(character.size()) : std::nullopt;
  }
}

// Malformed: an open class or a lone \ at the end, wherever it stands.
bool is_well_formed(std::string_view pattern) {
  while (!pattern.empty()) {
    std::size_t length = 1;
    if (pattern.front() == '\\') {
      if (pattern.size() < 2) return false;
      length = 2;
    } else if (pattern.front() == '[') {
      const ClassMatch found = match_class(pattern, "a");
      if (!found.is_valid) return false;
      length = found.length;
    }
    pattern.remove_prefix(length);
  }
  return true;
}

bool matches_base_or_path(const std::string& pattern, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view base = slash == std::string_view::npos ? path : path.substr(slash + 1);
  return matches_glob(pattern, base) || matches_glob(pattern, path);
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  if (!is_well_formed(pattern)) return false;
  // Only the last * needs to be tried again: an earlier one that matched less leaves the later one more, never less.
  std::optional<std::string_view> star_pattern;
  std::string_view star_text;
  while (true) {
    if (!pattern.empty() && pattern.front() == '*') {
      pattern.remove_prefix(1);
      star_pattern = pattern;
      star_text = text;
      continue;
    }
    if (text.empty() && pattern.empty()) return true;
    if (!text.empty() && !pattern.empty()) {
      const std::string_view character = text.substr(0, character_length(text));
      if (const auto taken = match_one(pattern, character)) {
        pattern.remove_prefix(*taken);
        text.remove_prefix(character.size());
        continue;
      }
    }
    if (!star_pattern || star_text.empty() || star_text.front() == '/') return false;
    star_text.remove_prefix(character_length(star_text));
    text = star_text;
    pattern = *star_pattern;
  }
}

bool is_excluded(const std::vector<std::string>& patterns, std::string_view path) {
  for (const std::string& pattern : patterns) {
    if (matches_base_or_path(pattern, path)) return true;
    if (!pattern.ends_with("/**")) continue;
    const std::string_view folder_pattern = std::string_view(pattern).substr(0, pattern.size() - 3);
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
      if (matches_glob(folder_pattern, path.substr(0, slash))) return true;
    }
  }
  return false;
}

}  // namespace cadence::analysis::git
