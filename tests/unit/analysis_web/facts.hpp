// Judges texts and markup by one strategy, without a page around them.
#pragma once

#include <string>
#include <string_view>

#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/phrases.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

inline Judgement judge_text(std::string_view strategy, const std::string& text, const std::string& markup) {
  const Occurrences in_text(lower_for_search(text), text_finder());
  const Occurrences in_markup(lower_for_search(markup), markup_finder());
  const auto sentences = sentences_of(text);
  const PageFacts facts{text, markup, in_text, in_markup, sentences, count_words(text), count_characters(text)};
  for (const Strategy& each : strategies()) {
    if (each.name == strategy) return each.judge(facts);
  }
  return Finding{-1, "no strategy has this name", {}};
}
inline Judgement judge_text(std::string_view strategy, const std::string& text) {
  return judge_text(strategy, text, text);
}

// 0 when the strategy is silent.
inline double severity(std::string_view strategy, const std::string& text) {
  const auto finding = judge_text(strategy, text);
  return finding ? finding->severity : 0;
}
inline double severity_in_markup(std::string_view strategy, const std::string& markup, const std::string& text = "") {
  const auto finding = judge_text(strategy, text, markup);
  return finding ? finding->severity : 0;
}

// `count` words that mean nothing, with a space after each.
inline std::string filler(std::size_t count, const std::string& word = "wort") {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += word + " ";
  return text;
}

inline std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace cadence::analysis::web
