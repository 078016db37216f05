// The memory of a cached repository: two checked logs beside it, one of commits, one of verdicts for each set of options. Promises: a
// damaged file costs time, never a result. One analysis uses one memory; several analyses may use the same files.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>

#include "analysis/git/judge.hpp"
#include "analysis/git/memory.hpp"
#include "analysis/source/checked_log.hpp"

namespace cadence::analysis::source {

class PairMemory final : public git::Memory {
 public:
  PairMemory(const std::filesystem::path& folder, const git::AnalysisOptions& options);
  std::optional<git::Commit> commit(const git::Oid& oid) override;
  std::optional<std::string> message(const git::Oid& oid) override;
  void learn(const git::Oid& oid, const git::Commit& commit) override;
  std::optional<git::Verdict> verdict(const git::Oid& current, const git::Oid& previous) override;
  void learn(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict) override;
  // Writes down what was learnt since.
  void save();

 private:
  struct Pair {
    git::Oid current;
    git::Oid previous;
    bool operator==(const Pair&) const = default;
  };
  struct PairHash {
    std::size_t operator()(const Pair& pair) const { return git::OidHash()(pair.current) ^ (git::OidHash()(pair.previous) << 1U); }
  };

  CheckedLog commit_log_;
  CheckedLog verdict_log_;
  std::unordered_map<git::Oid, std::string_view, git::OidHash> commits_;  // records, in the logs
  std::unordered_map<Pair, std::string_view, PairHash> verdicts_;
  std::string new_commits_;
  std::string new_verdicts_;
};

}  // namespace cadence::analysis::source
