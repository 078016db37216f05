// The commits of a history in the order of the analysis, and the pairs that are compared. Promises: the order depends
// only on the objects. Memory: 64 bytes a commit; messages and author names are not kept here.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "analysis/git/memory.hpp"
#include "analysis/git/objects.hpp"
#include "analysis/git/options.hpp"

namespace cadence::analysis::git {

struct HistoryCommit {
  Oid oid;
  Oid tree;
  std::int64_t time = 0;
  std::uint32_t author = 0;  // equal for equal author names
  std::uint32_t parent_count = 0;
  std::uint32_t first_parent = 0;  // its place in the history; of a root 0
};

using History = std::vector<HistoryCommit>;

// Depth first from `start`, parents after children, the first-parent line first. Fails on a commit that cannot be read.
base::Result<History> list_history(ObjectView& objects, const Oid& start, std::stop_token stop,
                                   Memory* memory = nullptr);

// Two places in the history to compare; `seconds` > 0 always.
struct PairPlan {
  std::uint32_t current = 0;
  std::uint32_t previous = 0;
  std::int64_t seconds = 0;
};

// Corrected: a commit and its first parent. Upstream: neighbours in the list. Merges, and commits not younger than
// their partner, are never current. In list order.
std::vector<PairPlan> plan_pairs(const History& history, Profile profile);

}  // namespace cadence::analysis::git
