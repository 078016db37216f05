#include "report/visible.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "analysis/text/unicode.hpp"

namespace cadence::report {
namespace {

using analysis::append_character;
using analysis::character_at;

struct Range {
  char32_t first, last;
};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t character) {
  const auto* const found = std::lower_bound(std::begin(ranges), std::end(ranges), character,
                                             [](const Range& range, char32_t wanted) { return range.last < wanted; });
  return found != std::end(ranges) && character >= found->first;
}

// Controls, joiners and marks of direction, line and paragraph separators, tags, interlinear annotation, and what is no
// character.
constexpr Range kHidden[] = {{0x0, 0x8},       {0xb, 0x1f},      {0x7f, 0x9f},      {0xad, 0xad},
                             {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},  {0x2028, 0x202e},
                             {0x2060, 0x206f}, {0xd800, 0xdfff}, {0xfdd0, 0xfdef},  {0xfeff, 0xfeff},
                             {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}};
// What takes no column of its own: combining marks and variation selectors, the common blocks.
constexpr Range kCombining[] = {
    {0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},   {0x64b, 0x65f},    {0x6d6, 0x6dc},
    {0x900, 0x903},   {0x93a, 0x94f},   {0xe31, 0xe31},   {0xe34, 0xe3a},   {0xe47, 0xe4e},    {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}};
// East Asian Wide and Fullwidth, and emoji.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},
    {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},
    {0x26f2, 0x26f5},   {0x26fa, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274e},   {0x2753, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27bf},   {0x2b1b, 0x2b1c},
    {0x2b50, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},
    {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff},
    {0x1b000, 0x1b2ff}, {0x1f004, 0x1f0cf}, {0x1f18e, 0x1f19a}, {0x1f200, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1faff}, {0x20000, 0x3fffd}};

// Four digits, or more where it needs them.
std::string hexadecimal(std::uint32_t value) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string digits;
  for (auto rest = value; rest != 0 || digits.size() < 4; rest /= 16) digits += kDigits[rest % 16];
  return {digits.rbegin(), digits.rend()};
}

std::string named(char32_t character) { return "[U+" + hexadecimal(character) + "]"; }

std::string json_escape(char32_t character) {
  if (character < 0x10000) return "\\u" + hexadecimal(character);
  const std::uint32_t rest = static_cast<std::uint32_t>(character) - 0x10000;
  return "\\u" + hexadecimal(0xd800 + (rest >> 10U)) + "\\u" + hexadecimal(0xdc00 + (rest & 0x3ffU));
}

std::size_t width_of(char32_t character) { return is_in(kCombining, character) ? 0 : is_in(kWide, character) ? 2 : 1; }

}  // namespace

std::string visible(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto character = character_at(text);
    // A carriage return before a line feed is a line end like any other.
    const bool is_line_end = character.value == '\r' && text.substr(1, 1) == "\n";
    if (character.value == '\t') shown += ' ';
    else if (is_in(kHidden, character.value)) shown += is_line_end ? std::string() : named(character.value);
    else append_character(shown, character.value);
    text.remove_prefix(character.bytes);
  }
  return shown;
}

std::string visible_json(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto character = character_at(text);
    if (character.value >= 0x7f && is_in(kHidden, character.value)) shown += json_escape(character.value);
    else shown += text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
  }
  return shown;
}

std::string visible_line(std::string_view text) {
  auto shown = visible(text);
  std::replace(shown.begin(), shown.end(), '\n', ' ');
  return shown;
}

std::string visible_subject(std::string_view message, std::size_t columns) {
  const auto begin = std::min(message.find_first_not_of(" \t\r\n"), message.size());
  message.remove_prefix(begin);
  message = message.substr(0, message.find('\n'));
  // No character takes more than four bytes, so the rest of an endless line need not be looked at.
  message = message.substr(0, columns * 8 + 8);
  while (!message.empty() && (message.back() == '\r' || message.back() == ' ')) message.remove_suffix(1);
  return cut(visible(message), columns);
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto character = character_at(text);
    columns += width_of(character.value);
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns) {
  std::size_t used = 0;
  std::size_t bytes = 0;          // that fit
  std::size_t with_ellipsis = 0;  // that fit with an ellipsis behind them
  for (auto rest = text; !rest.empty();) {
    const auto character = character_at(rest);
    used += width_of(character.value);
    if (used > columns) return columns == 0 ? std::string() : std::string(text.substr(0, with_ellipsis)) + "…";
    bytes += character.bytes;
    if (used < columns) with_ellipsis = bytes;
    rest.remove_prefix(character.bytes);
  }
  return std::string(text);
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
  std::vector<std::string> lines;
  columns = std::max<std::size_t>(columns, 8);
  while (!text.empty()) {
    std::size_t used = 0;
    std::size_t end = 0;
    std::size_t space = std::string_view::npos;
    while (end < text.size() && text[end] != '\n') {
      const auto character = character_at(text.substr(end));
      if (used + width_of(character.value) > columns) break;
      if (character.value == ' ') space = end;
      used += width_of(character.value);
      end += character.bytes;
    }
    const bool is_whole = end == text.size() || text[end] == '\n' || text[end] == ' ';
    if (!is_whole && space != std::string_view::npos && space > 0) end = space;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(
        std::min(text.size(), end < text.size() && (text[end] == ' ' || text[end] == '\n') ? end + 1 : end));
  }
  return lines;
}

}  // namespace cadence::report
