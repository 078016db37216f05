// The string rules of the strategies: words, trimming, counting, and numbers in sentences. Bytes in, bytes out; white
// space is Unicode's. Knows no locale.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cadence::analysis::inline text {

// Lower case as far as a search for ASCII phrases can tell: ASCII letters, and the two other letters whose lower case
// is ASCII (U+0130 and U+212A). All other bytes, invalid ones too, stay: no ASCII phrase can match them before or
// after.
std::string lower_for_search(std::string_view text);

// The bytes of the white-space character at the start of `text`: 0 when there is none.
std::size_t white_space_at(std::string_view text);
// The words of a text, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
};
std::size_t count_words(std::string_view text);
std::string_view trim_white_space(std::string_view text);

bool contains(std::string_view text, std::string_view phrase);
std::size_t count_occurrences(std::string_view text, std::string_view phrase);  // from the left, not overlapping

std::string fixed(double value, int decimals);  // 12.5; "inf", "-inf", "nan" for those

}  // namespace cadence::analysis::inline text
