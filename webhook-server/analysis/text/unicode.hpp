// The little of Unicode that the string rules need beyond ASCII: characters of a UTF-8 text, repair of one that is not,
// and lower case. Knows no locale: the table of letters is part of the program, so a result does not depend on the
// machine.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cadence::analysis::inline text {

constexpr char32_t kReplacement = 0xfffd;

// The character at the start of `text`, which must not be empty, and its bytes; a byte that begins no character counts
// as U+FFFD.
struct Character {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool is_valid = true;
};
Character character_at(std::string_view text);

// Where the first byte at or behind `from` lies that is no ASCII; the end when there is none.
std::size_t find_beyond_ascii(std::string_view text, std::size_t from);

std::size_t count_characters(std::string_view text);
void append_character(std::string& text, char32_t character);

// Where the first byte at or behind `from` lies that belongs to no character; the end when there is none.
std::size_t find_broken(std::string_view text, std::size_t from);

// Each byte that belongs to no character becomes U+FFFD. Valid text is handed through without a copy.
std::string valid_utf8(std::string text);

// Simple lower case, character by character (Unicode 14); invalid bytes become U+FFFD.
std::string lower_case(std::string_view text);

}  // namespace cadence::analysis::inline text
