// The two ways in which strategies cut a text into sentences. Pure.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cadence::analysis::web {

struct Sentence {
  std::string_view text;
  std::size_t words = 0;
};

// Between runs of . ! ?, so there is always one piece more than runs; some are empty.
std::vector<Sentence> sentences_of(std::string_view text);
// Only runs followed by ASCII white space separate, together with it: "3.5" and "example.org" stay whole.
std::vector<Sentence> spaced_sentences_of(std::string_view text);

}  // namespace cadence::analysis::web
