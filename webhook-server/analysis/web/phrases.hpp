// The phrase lists of the specification, P1 to P6, and the two finders that look for everything strategies ask for.
#pragma once

#include <span>
#include <string_view>

#include "analysis/web/occurrences.hpp"

namespace cadence::analysis::web {

std::span<const std::string_view> overused_phrases();     // P1
std::span<const std::string_view> generic_terms();        // P2
std::span<const std::string_view> boilerplate_phrases();  // P3
std::span<const std::string_view> spaced_absolutes();     // P4, each with a space before and after
std::span<const std::string_view> transitions();          // P5
std::span<const std::string_view> ai_vocabulary();        // P6

const PhraseFinder& text_finder();    // all of these
const PhraseFinder& markup_finder();  // what strategies 14 to 20 count in markup

}  // namespace cadence::analysis::web
