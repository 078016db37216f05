#include <cmath>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {

Judgement judge_file_extension(const PairFacts& pair, const Rules&) {
  const auto& [additions, deletions, files] = pair.counts;
  if (files <= 10 || additions <= 1000) return std::nullopt;
  const double per_file = static_cast<double>(additions) / static_cast<double>(files);
  if (per_file <= 50 || per_file >= 200 || 1 - (per_file - std::floor(per_file)) <= 0.8) return std::nullopt;
  return std::to_string(files) + " files with " + fixed(per_file, 0) + " added lines each";
}

}  // namespace cadence::analysis::git
