// What an analysis of a page found, field for field what a website job's result shows. Plain values; knows no JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace cadence::analysis::web {

// What one strategy said of the page.
struct Pattern {
  std::string type;     // the strategy's name
  double severity = 0;  // 0-1; 0 when it passed
  std::string description;
  std::vector<std::string> examples;
  bool passed = false;
  bool operator==(const Pattern&) const = default;
};

// "high", "medium", "low"; "none" for a pattern that passed.
std::string_view severity_word(const Pattern& pattern);

struct WebResult {
  std::string url;  // as requested

  bool is_too_short = false;  // then no strategy looked at the page, and only the figures of the page count
  double suspicion_rate = 0;  // mean severity of what fired, 0-1
  int confidence_score = 0;   // the same, 0-100
  double quality_score = 0;   // 1 - rate; 0 when the page is too short
  std::string assessment;
  std::vector<Pattern> web_patterns;     // fired, in the strategies' order
  std::vector<Pattern> passed_patterns;  // the others that ran

  std::int64_t word_count = 0;       // of the main part
  std::int64_t character_count = 0;  // bytes of the analysed text
  std::vector<std::string> headings;

  std::int64_t items_analyzed = 0;
  std::int64_t items_flagged = 0;
  std::int64_t strategies_used = 0;
  double coverage_rate = 0;  // 0-1

  base::Wall started_at{};  // set by who fetched the page
  base::Wall completed_at{};

  [[nodiscard]] std::int64_t pattern_count() const { return static_cast<std::int64_t>(web_patterns.size()); }
  bool operator==(const WebResult&) const = default;
};

}  // namespace cadence::analysis::web
