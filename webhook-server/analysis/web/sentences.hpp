// The two ways in which strategies cut a text into sentences. Pure.
#pragma once

#include <string_view>
#include <vector>

namespace cadence::analysis::web {

// Between runs of . ! ?, so there is always one piece more than runs; some are empty.
std::vector<std::string_view> sentences_of(std::string_view text);
// Only runs followed by ASCII white space separate, together with it: "3.5" and "example.org" stay whole.
std::vector<std::string_view> spaced_sentences_of(std::string_view text);

}  // namespace cadence::analysis::web
