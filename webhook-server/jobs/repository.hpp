// The queue's Analyzer on the git analysis: clone, analyse the history that ends at the pushed commit, render the
// result's JSON.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analysis/git/options.hpp"
#include "analysis/source/git/shared_blocks.hpp"
#include "queue/analyzer.hpp"

namespace cadence::jobs {

struct AnalyzerOptions {
  std::filesystem::path folder;  // for clones
  std::vector<std::string> allowed_hosts;
  bool allow_private_networks = false;
  std::filesystem::path credentials;  // a folder; empty: none
  bool allow_local = false;           // repositories of this machine
  std::chrono::seconds clone_limit{120};
  std::uint64_t max_bytes = 2ULL << 30;
  std::uint64_t max_memory = 192ULL << 20;  // of each process that fetches
  std::filesystem::path cache_folder;       // for repositories that stay; empty: none do
  std::uint64_t cache_bytes = 2ULL << 30;
  unsigned threads = 2;  // of one analysis
  // Where other servers' verdicts are found; null: nowhere. Must outlive the analyzer.
  analysis::source::SharedBlocks* shared = nullptr;
  analysis::git::AnalysisOptions rules;
};

std::unique_ptr<queue::Analyzer> make_git_analyzer(AnalyzerOptions options);

// Where an analysis failed, from its error's text: "clone" or "analysis".
std::string failed_phase(const std::string& error);

}  // namespace cadence::jobs
