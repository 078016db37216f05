// Strategies on the length of sentences: 4 and 9. Both cut at every run of . ! ?.
#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

Judgement judge_perfect_grammar(const PageFacts& page) {
  const auto& sentences = page.sentences;
  if (sentences.size() <= 10) return std::nullopt;
  const auto is_even = [](const Sentence& sentence) {
    return sentence.words >= 8 && sentence.words <= 25 && trim_white_space(sentence.text).size() > 20;
  };
  const auto count = std::count_if(sentences.begin(), sentences.end(), is_even);
  const double share = static_cast<double>(count) / static_cast<double>(sentences.size());
  if (share <= 0.7) return std::nullopt;
  return Finding{share,
                 fixed(share * 100, 0) + "% of the sentences have a regular length",
                 {std::to_string(count) + " of " + std::to_string(sentences.size()) + " sentences have 8 to 25 words"}};
}

Judgement judge_uniform_sentence_length(const PageFacts& page) {
  if (page.sentences.size() < 5) return std::nullopt;
  std::vector<double> lengths;
  double sum = 0;
  for (const Sentence& sentence : page.sentences) {
    if (sentence.words <= 3) continue;
    lengths.push_back(static_cast<double>(sentence.words));
    sum += lengths.back();
  }
  if (lengths.size() <= 10) return std::nullopt;
  const double mean = sum / static_cast<double>(lengths.size());
  double squares = 0;
  for (const double length : lengths) squares += (length - mean) * (length - mean);
  const double variance = squares / static_cast<double>(lengths.size());
  if (variance >= 15) return std::nullopt;
  return Finding{(20 - variance) / 20,
                 "sentence lengths vary by " + fixed(variance, 1) + " around a mean of " + fixed(mean, 1) + " words",
                 {"sentences have " + fixed(mean, 1) + " words on average"}};
}

}  // namespace cadence::analysis::web
