// The first pass over all pairs, by several threads. Promises: each thread has a view of its own, each verdict a place
// of its own, so that the verdicts are the same for any number of threads and whatever was remembered.
#pragma once

#include <atomic>
#include <vector>

#include "analysis/git/judge.hpp"
#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/git/repository.hpp"
#include "analysis/source/git/shared_verdicts.hpp"

namespace cadence::analysis::source {

class FirstPass {
 public:
  FirstPass(const git::History& history, const std::vector<git::PairPlan>& pairs, const AnalyseOptions& options,
            std::stop_token stop)
      : history_(history), pairs_(pairs), options_(options), stop_(std::move(stop)), verdicts_(pairs.size()) {}

  // `memory`, `shared`: null where there is none.
  base::Result<std::vector<git::Verdict>> run(StoredObjects& own_view, git::Memory* memory, SharedVerdicts* shared);
  // Objects that the other threads could not read.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  void remember(git::Memory* memory);
  void learn(git::Memory* memory, const std::vector<std::uint32_t>& places) const;
  void report(std::size_t judged);
  void work(git::ObjectView& objects);

  const git::History& history_;
  const std::vector<git::PairPlan>& pairs_;
  const AnalyseOptions& options_;
  const std::stop_token stop_;
  std::vector<git::Verdict> verdicts_;
  std::vector<std::uint32_t> open_;  // places of the pairs to judge
  std::uint64_t unreadable_ = 0;
  std::size_t share_ = 1;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> done_{0};
};

}  // namespace cadence::analysis::source
