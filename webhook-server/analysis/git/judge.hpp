// From measured pairs to the result, in two passes: each pair alone while its text is at hand, then all pairs against
// the baseline. Promises: memory between the passes is one small record a pair; the result depends on the pairs' order
// only, not on who measured them when. Knows no threads: the caller may share the first pass out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/git/history.hpp"
#include "analysis/git/result.hpp"
#include "analysis/git/strategies.hpp"

namespace cadence::analysis::git {

struct Reason {
  std::uint32_t strategy = 0;  // place in strategies()
  std::string text;
  bool operator==(const Reason&) const = default;
};

// What is kept of a pair after the first pass.
struct Verdict {
  bool is_readable = false;  // a pair that is not is dropped
  LineCounts counts;
  std::vector<Reason> reasons;
};

// The strategies that are active under these options, as places in strategies().
std::vector<std::uint32_t> active_strategies(const AnalysisOptions& options);

// First pass: everything but the statistical strategy. Not readable when a tree is not, or a stop was asked for.
Verdict judge_pair(ObjectView& objects, const History& history, const PairPlan& pair, const AnalysisOptions& options,
                   std::stop_token stop);
// The same on facts at hand. Pairs without changed lines are not judged.
std::vector<Reason> judge_facts(const PairFacts& facts, const AnalysisOptions& options);

// A flagged pair's numbers.
struct Detection {
  double score = 0;  // 0-1
  double confidence = 0;
  Severity severity = Severity::Low;
  std::string_view category;
};
Detection weigh_reasons(const std::vector<Reason>& reasons, std::size_t active);

// Second pass. `verdicts` belong to `pairs`, one by one; `memory`, else `objects`, gives the messages of the flagged
// commits.
base::Result<AnalysisResult> conclude(ObjectView& objects, const History& history, const std::vector<PairPlan>& pairs,
                                      std::vector<Verdict> verdicts, const AnalysisOptions& options,
                                      Memory* memory = nullptr);

}  // namespace cadence::analysis::git
