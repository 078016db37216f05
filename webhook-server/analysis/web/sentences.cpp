#include "analysis/web/sentences.hpp"

#include <algorithm>

namespace cadence::analysis::web {
namespace {

constexpr std::string_view kMarks = ".!?";
constexpr std::string_view kSpace = " \t\n\f\r";

bool is_mark(char c) { return c == '.' || c == '!' || c == '?'; }

std::vector<std::string_view> split(std::string_view text, bool needs_space) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_mark(text[at])) {
      ++at;
      continue;
    }
    const std::size_t run = at;
    at = std::min(text.find_first_not_of(kMarks, at), text.size());
    if (needs_space) {
      const std::size_t behind = std::min(text.find_first_not_of(kSpace, at), text.size());
      if (behind == at) continue;
      at = behind;
    }
    pieces.push_back(text.substr(begin, run - begin));
    begin = at;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

}  // namespace

std::vector<std::string_view> sentences_of(std::string_view text) { return split(text, false); }
std::vector<std::string_view> spaced_sentences_of(std::string_view text) { return split(text, true); }

}  // namespace cadence::analysis::web
