// The memory of a cached repository: two checked logs beside it, one of commits, one of verdicts under the options of
// the last analysis. Promises: a damaged file costs time, never a result. One analysis uses one memory; several
// analyses may use the same files, under the same options.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/git/judge.hpp"
#include "analysis/git/memory.hpp"
#include "analysis/git/place_table.hpp"
#include "analysis/source/git/checked_log.hpp"

namespace cadence::analysis::source {

class PairMemory final : public git::Memory {
 public:
  // With more than one thread both logs are read at once.
  PairMemory(const std::filesystem::path& folder, const git::AnalysisOptions& options, unsigned threads = 1);
  bool recall(const git::Oid& oid, git::Commit& commit) override;
  std::optional<std::string> message(const git::Oid& oid) override;
  void learn(const git::Oid& oid, const git::Commit& commit) override;
  std::optional<git::Verdict> verdict(const git::Oid& current, const git::Oid& previous) override;
  void learn(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict) override;
  // Writes down what was learnt since, and drops what was learnt under other options.
  void save();

 private:
  void remove_other_verdicts() const;

  // The records of a log, found by the names that they begin with.
  class Records {
   public:
    // `names`: how many, 1 or 2.
    explicit Records(std::size_t names) : key_(names * sizeof(git::Oid)) {}
    void take(CheckedLog& log);
    // An analysis asks in about the order in which an earlier one wrote, so the next few are tried first.
    std::optional<std::string_view> find(std::string_view key);

   private:
    [[nodiscard]] static std::uint32_t hash_of(std::string_view key);

    const std::size_t key_;  // bytes
    std::vector<std::string_view> records_;
    git::PlaceTable places_;
    std::size_t next_ = 0;
  };

  CheckedLog commit_log_;
  CheckedLog verdict_log_;
  Records commits_{1};
  Records verdicts_{2};
  std::string new_commits_;
  std::string new_verdicts_;
};

}  // namespace cadence::analysis::source
