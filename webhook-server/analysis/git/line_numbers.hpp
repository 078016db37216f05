// Lines as numbers, equal lines equal numbers, and the parts of two texts that a line difference need not look at.
// Pure; numbers go by first appearance, so nothing depends on how lines are hashed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "analysis/git/token_diff.hpp"

namespace cadence::analysis::git {

// Splits after each LF; the last line may lack it.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
    visit(text.substr(0, length));
    text.remove_prefix(length);
  }
}

inline std::string_view without_lf(std::string_view line) {
  return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line;
}

std::size_t count_lines(std::string_view text);

// One table serves many files: start() forgets the lines, not the memory.
class LineNumbers {
 public:
  void start();
  void number(std::string_view text, Tokens& tokens);
  [[nodiscard]] std::string_view line(Token token) const;  // without its LF

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t round = 0;  // of another round: empty
    Token token = 0;
  };
  Token number_line(std::string_view line);
  void grow();

  std::vector<Slot> slots_;
  std::vector<std::string_view> lines_;
  std::uint32_t round_ = 0;
};

// Two texts without most of what they begin and end with alike. The common lines that stay are more than any run of
// changed lines, so that the difference of what is left, clean-up included, is that of the whole.
struct TrimmedTexts {
  std::string_view before;
  std::string_view after;
};
TrimmedTexts trim_common(std::string_view before, std::string_view after);

}  // namespace cadence::analysis::git
