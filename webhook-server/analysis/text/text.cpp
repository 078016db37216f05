#include "analysis/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace cadence::analysis::inline text {

namespace {

void append_lower_ascii(std::string& to, std::string_view text) {
  const std::size_t at = to.size();
  to.resize(at + text.size());
  std::transform(text.begin(), text.end(), to.begin() + static_cast<std::ptrdiff_t>(at), [](char c) {
    const auto letter = static_cast<unsigned char>(c - 'A');
    return static_cast<char>(letter < 26 ? c + ('a' - 'A') : c);
  });
}

}  // namespace

std::string lower_for_search(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  const auto next = [&](char c, std::size_t from) { return std::min(text.find(c, from), text.size()); };
  std::size_t dotted = next('\xc4', 0);
  std::size_t kelvin = next('\xe2', 0);
  for (std::size_t at = 0; at < text.size();) {
    if (dotted < at) dotted = next('\xc4', at);
    if (kelvin < at) kelvin = next('\xe2', at);
    const std::size_t other = std::min(dotted, kelvin);
    append_lower_ascii(lower, text.substr(at, other - at));
    at = other;
    if (text.substr(at, 2) == "\xc4\xb0") {
      lower += 'i';
      at += 2;
    } else if (text.substr(at, 3) == "\xe2\x84\xaa") {
      lower += 'k';
      at += 3;
    } else if (at < text.size()) {
      lower += text[at++];
    }
  }
  return lower;
}

std::size_t white_space_at(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  if (first < 0x80) return (first == ' ' || (first >= '\t' && first <= '\r')) && !text.empty() ? 1 : 0;
  const unsigned second = byte(1);
  if (first == 0xc2) return second == 0x85 || second == 0xa0 ? 2 : 0;  // U+0085, U+00A0
  const unsigned third = byte(2);
  if (first == 0xe1) return second == 0x9a && third == 0x80 ? 3 : 0;  // U+1680
  if (first == 0xe3) return second == 0x80 && third == 0x80 ? 3 : 0;  // U+3000
  if (first != 0xe2) return 0;
  if (second == 0x81) return third == 0x9f ? 3 : 0;  // U+205F
  if (second != 0x80) return 0;
  const bool is_space = (third >= 0x80 && third <= 0x8a) || third == 0xa8 || third == 0xa9 || third == 0xaf;
  return is_space ? 3 : 0;  // U+2000-200A, U+2028, U+2029, U+202F
}

namespace {

enum class Byte : std::uint8_t { Other, Space, MayBeginSpace };

// Most bytes are letters, and tell that they are no white space without a look at their neighbours.
constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> bytes{};
  for (const unsigned space : {0x09U, 0x0aU, 0x0bU, 0x0cU, 0x0dU, 0x20U}) bytes[space] = Byte::Space;
  for (const unsigned lead : {0xc2U, 0xe1U, 0xe2U, 0xe3U}) bytes[lead] = Byte::MayBeginSpace;
  return bytes;
}();

// The bytes of the white-space character at `at`, as above.
std::size_t space_at(std::string_view text, std::size_t at) {
  const Byte byte = kBytes[static_cast<unsigned char>(text[at])];
  return byte == Byte::Other ? 0 : byte == Byte::Space ? 1 : white_space_at(text.substr(at));
}

}  // namespace

std::optional<std::string_view> Words::next() {
  std::size_t start = 0;
  while (start < rest_.size()) {
    const std::size_t space = space_at(rest_, start);
    if (space == 0) break;
    start += space;
  }
  std::size_t end = start;
  std::size_t space = 0;
  while (end < rest_.size() && (space = space_at(rest_, end)) == 0) ++end;
  const std::string_view word = rest_.substr(start, end - start);
  rest_.remove_prefix(end + space);
  return word.empty() ? std::nullopt : std::optional(word);
}

namespace {

constexpr std::size_t kBlock = 32;

bool is_ascii_block(const char* block) {
  unsigned char all = 0;
  for (std::size_t i = 0; i < kBlock; ++i) all = static_cast<unsigned char>(all | static_cast<unsigned char>(block[i]));
  return all < 0x80;
}

// Without branches, so that the compiler takes many bytes at a time.
std::size_t count_in_ascii_block(const char* block, bool& is_behind_space) {
  unsigned char spaces[kBlock + 1];
  spaces[0] = is_behind_space ? 1 : 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const auto c = static_cast<unsigned char>(block[i]);
    spaces[i + 1] = static_cast<unsigned char>((c == ' ' ? 1 : 0) | (static_cast<unsigned char>(c - '\t') < 5 ? 1 : 0));
  }
  unsigned char begins = 0;  // at most half of the block
  for (std::size_t i = 0; i < kBlock; ++i)
    begins = static_cast<unsigned char>(begins + (spaces[i] & (spaces[i + 1] ^ 1U)));
  is_behind_space = spaces[kBlock] != 0;
  return begins;
}

}  // namespace

std::size_t count_words(std::string_view text) {
  std::size_t count = 0;
  bool is_behind_space = true;
  for (std::size_t at = 0; at < text.size();) {
    if (text.size() - at >= kBlock && is_ascii_block(text.data() + at)) {
      count += count_in_ascii_block(text.data() + at, is_behind_space);
      at += kBlock;
      continue;
    }
    for (const std::size_t end = std::min(at + kBlock, text.size()); at < end;) {
      const std::size_t space = space_at(text, at);
      count += space == 0 && is_behind_space ? 1 : 0;
      is_behind_space = space > 0;
      at += std::max<std::size_t>(space, 1);
    }
  }
  return count;
}

std::string_view trim_white_space(std::string_view text) {
  while (const std::size_t space = white_space_at(text)) text.remove_prefix(space);
  const auto ends_with_space = [&](std::size_t bytes) {
    return text.size() >= bytes && white_space_at(text.substr(text.size() - bytes)) == bytes;
  };
  for (bool trimmed = true; trimmed;) {
    trimmed = false;
    for (const std::size_t bytes : {1U, 2U, 3U}) {
      if (!ends_with_space(bytes)) continue;
      text.remove_suffix(bytes);
      trimmed = true;
      break;
    }
  }
  return text;
}

bool contains(std::string_view text, std::string_view phrase) { return text.find(phrase) != std::string_view::npos; }

std::size_t count_occurrences(std::string_view text, std::string_view phrase) {
  std::size_t count = 0;
  for (std::size_t at = text.find(phrase); at != std::string_view::npos; at = text.find(phrase, at + phrase.size()))
    ++count;
  return count;
}

std::string fixed(double value, int decimals) {
  char buffer[400];  // the longest finite double has 309 digits before the point
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals);
  return error == std::errc{} ? std::string(buffer, end) : std::string("?");
}

}  // namespace cadence::analysis::inline text
