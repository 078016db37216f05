#include "analysis/git/history.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>

namespace cadence::analysis::git {
namespace {

// One list of parents that still waits for its turn.
struct Waiting {
  std::vector<Oid> parents;
  std::size_t next = 0;
};

base::Result<Commit> commit_of(ObjectView& objects, const Oid& oid, Memory* memory) {
  if (memory != nullptr) {
    if (auto known = memory->commit(oid)) return std::move(*known);
  }
  const auto content = objects.read(oid, ObjectKind::Commit);
  if (!content) return content.error().with_context("Could not read commit " + oid.hex());
  Commit commit = parse_commit(*content);
  if (memory != nullptr) memory->learn(oid, commit);
  return commit;
}

}  // namespace

base::Result<History> list_history(ObjectView& objects, const Oid& start, std::stop_token stop, Memory* memory) {
  History history;
  std::unordered_set<Oid, OidHash> emitted;
  std::unordered_map<std::string, std::uint32_t> authors;
  std::vector<Waiting> stack{{{start}, 0}};
  while (!stack.empty()) {
    if (stop.stop_requested()) return base::Error{base::ErrorKind::Canceled, "Listing the commits was stopped"};
    Waiting& top = stack.back();
    const Oid oid = top.parents[top.next++];
    // A used-up list is dropped at once, so that a straight line of any length needs a stack of one.
    if (top.next == top.parents.size()) stack.pop_back();
    if (!emitted.insert(oid).second) continue;
    auto found = commit_of(objects, oid, memory);
    if (!found) return found.error();
    Commit commit = std::move(*found);
    const auto author = authors.try_emplace(std::move(commit.author), static_cast<std::uint32_t>(authors.size())).first->second;
    history.push_back({oid, commit.tree, commit.parents.empty() ? Oid{} : commit.parents.front(), commit.time, author,
                       static_cast<std::uint32_t>(commit.parents.size())});
    std::erase_if(commit.parents, [&](const Oid& parent) { return emitted.contains(parent); });
    if (!commit.parents.empty()) stack.push_back({std::move(commit.parents), 0});
  }
  return history;
}

std::vector<PairPlan> plan_pairs(const History& history, Profile profile) {
  std::unordered_map<Oid, std::uint32_t, OidHash> places;
  if (profile == Profile::Corrected) {
    places.reserve(history.size());
    for (std::uint32_t i = 0; i < history.size(); ++i) places.emplace(history[i].oid, i);
  }
  std::vector<PairPlan> pairs;
  for (std::uint32_t i = 0; i < history.size(); ++i) {
    const HistoryCommit& current = history[i];
    if (current.parent_count > 1) continue;
    std::uint32_t previous = i + 1;
    if (profile == Profile::Corrected) {
      if (current.parent_count == 0) continue;
      previous = places.at(current.first_parent);
    } else if (previous == history.size()) {
      continue;
    }
    // Author dates are the writer's claim: their difference may not fit.
    std::int64_t seconds = 0;
    if (__builtin_sub_overflow(current.time, history[previous].time, &seconds) || seconds <= 0) continue;
    pairs.push_back({i, previous, seconds});
  }
  return pairs;
}

}  // namespace cadence::analysis::git
