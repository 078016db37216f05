// The memory of a cached repository: two checked logs beside it, one of commits, one of verdicts for each set of options. Promises: a
// damaged file costs time, never a result. One analysis uses one memory; several analyses may use the same files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/git/judge.hpp"
#include "analysis/git/memory.hpp"
#include "analysis/git/place_table.hpp"
#include "analysis/source/checked_log.hpp"

namespace cadence::analysis::source {

class PairMemory final : public git::Memory {
 public:
  PairMemory(const std::filesystem::path& folder, const git::AnalysisOptions& options);
  bool recall(const git::Oid& oid, git::Commit& commit) override;
  std::optional<std::string> message(const git::Oid& oid) override;
  void learn(const git::Oid& oid, const git::Commit& commit) override;
  std::optional<git::Verdict> verdict(const git::Oid& current, const git::Oid& previous) override;
  void learn(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict) override;
  // Writes down what was learnt since.
  void save();

 private:
  [[nodiscard]] std::optional<std::string_view> commit_record(const git::Oid& oid) const;

  CheckedLog commit_log_;
  CheckedLog verdict_log_;
  std::vector<std::string_view> commits_;  // records, in the logs
  std::vector<std::string_view> verdicts_;
  git::PlaceTable commit_places_;
  git::PlaceTable verdict_places_;
  std::string new_commits_;
  std::string new_verdicts_;
};

}  // namespace cadence::analysis::source
