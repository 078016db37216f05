#include "analysis/web/sentences.hpp"

#include <algorithm>
#include <array>

#include "analysis/text/text.hpp"

namespace cadence::analysis::web {
namespace {

constexpr std::string_view kMarks = ".!?";
constexpr std::string_view kSpace = " \t\n\f\r";

constexpr std::array<bool, 256> kIsMark = [] {
  std::array<bool, 256> is_mark{};
  for (const char c : kMarks) is_mark[static_cast<unsigned char>(c)] = true;
  return is_mark;
}();

bool is_mark(char c) { return kIsMark[static_cast<unsigned char>(c)]; }

std::vector<Sentence> split(std::string_view text, bool needs_space) {
  std::vector<Sentence> pieces;
  const auto add = [&](std::string_view piece) { pieces.push_back({piece, count_words(piece)}); };
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
    add(text.substr(begin, run - begin));
    begin = at;
  }
  add(text.substr(begin));
  return pieces;
}

}  // namespace

std::vector<Sentence> sentences_of(std::string_view text) { return split(text, false); }
std::vector<Sentence> spaced_sentences_of(std::string_view text) { return split(text, true); }

}  // namespace cadence::analysis::web
