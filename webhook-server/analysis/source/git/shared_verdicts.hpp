// The verdicts of one history, shared in blocks: all pairs between two anchors of the history, that is between commits
// whose names happen to end in the same few bits, so that every server cuts every state of a repository alike and a
// push changes the newest block only. Promises: a verdict is taken only for the pair of commits whose names stand in
// its record, judged by this very program under options that judge alike, of this repository; a damaged block is none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/git/history.hpp"
#include "analysis/git/judge.hpp"
#include "analysis/git/place_table.hpp"
#include "analysis/source/git/shared_blocks.hpp"

namespace cadence::analysis::source {

class SharedVerdicts {
 public:
  // All but `options` must outlive it.
  SharedVerdicts(const Shared& shared, const git::AnalysisOptions& options, const git::History& history,
                 const std::vector<git::PairPlan>& pairs);

  // Fills in what others know of the open pairs (places in `pairs`) and takes these out of `open`. `threads`: how many
  // would judge them.
  void take(std::vector<std::uint32_t>& open, std::vector<git::Verdict>& verdicts, unsigned threads);
  // Tells others of all pairs, as far as they do not know them.
  void offer(const std::vector<git::Verdict>& verdicts) const;

 private:
  struct Block {
    git::Oid anchor;
    std::vector<std::uint32_t> pairs;  // places, in list order
  };
  [[nodiscard]] std::vector<Block> cut(const std::vector<std::uint32_t>& places) const;
  [[nodiscard]] std::string key_of(const Block& block) const;
  [[nodiscard]] std::string text_of(const Block& block, const std::vector<git::Verdict>& verdicts) const;
  // `open`: where pairs are found by the names of their newer commits, of which each has one.
  void read(std::string_view text, const git::PlaceTable& open, std::vector<git::Verdict>& verdicts) const;

  const Shared& shared_;
  const git::History& history_;
  const std::vector<git::PairPlan>& pairs_;
  std::string mark_;
  std::vector<std::uint32_t> anchors_;  // of each commit: the place of its anchor
};

// Of this program: others with the same one judge alike. The first call reads the program's file.
const std::string& program_mark();

}  // namespace cadence::analysis::source
