// 6: neighbouring sentences that begin with the same word and are equally long.
#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/sentences.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

struct Opening {
  std::string first;  // in lower case
  std::size_t words = 0;
};

Opening opening_of(std::string_view sentence) {
  const std::string_view trimmed = trim_white_space(sentence);
  std::size_t end = 0;
  while (end < trimmed.size() && white_space_at(trimmed.substr(end)) == 0) ++end;
  return {lower_case(trimmed.substr(0, end)), count_words(trimmed)};
}

}  // namespace

Judgement judge_repetitive_patterns(const PageFacts& page) {
  const auto sentences = spaced_sentences_of(page.text);
  if (sentences.size() < 5) return std::nullopt;
  std::size_t count = 0;
  Opening previous;
  for (const std::string_view sentence : sentences) {
    Opening opening = opening_of(sentence);
    count += opening.words > 3 && opening.words == previous.words && opening.first == previous.first ? 1 : 0;
    previous = std::move(opening);
  }
  if (count <= sentences.size() / 8) return std::nullopt;
  return Finding{static_cast<double>(count) / static_cast<double>(sentences.size() / 4),
                 std::to_string(count) + " neighbouring sentences are built alike",
                 {std::to_string(count) + " of " + std::to_string(sentences.size()) + " sentences repeat the one before"}};
}

}  // namespace cadence::analysis::web
