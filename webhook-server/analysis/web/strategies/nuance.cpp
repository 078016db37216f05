// 7: absolute words. Each counts only between two spaces, so the one in "all all" counts once.
#include "analysis/web/phrases.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

Judgement judge_missing_nuance(const PageFacts& page) {
  const std::size_t count = page.in_text.total(spaced_absolutes());
  if (page.words <= 100 || count <= page.words / 50) return std::nullopt;
  return Finding{static_cast<double>(count) / (static_cast<double>(page.words) / 40),
                 std::to_string(count) + " absolute words",
                 {"always", "never", "completely", "absolutely"}};
}

}  // namespace cadence::analysis::web
