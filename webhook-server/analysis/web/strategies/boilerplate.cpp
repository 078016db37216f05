// 5: stock phrases of introductions and hand-overs.
#include "analysis/web/phrases.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

Judgement judge_boilerplate_text(const PageFacts& page) {
  const std::size_t count = page.in_text.distinct(boilerplate_phrases());
  if (count < 2) return std::nullopt;
  return Finding{static_cast<double>(count) / 10, std::to_string(count) + " stock phrases",
                 page.in_text.first(boilerplate_phrases(), 3)};
}

}  // namespace cadence::analysis::web
