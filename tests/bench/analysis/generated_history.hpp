// A history that looks like people's work, from a seed: small edits, new files, big additions, renames with and without
// changes, deletions, side branches that are merged, odd dates. Promises: the same options give the same commits, byte
// for byte, on every machine. Knows no repository: it writes the stream that `git fast-import` reads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cadence::bench {

struct HistoryOptions {
  std::size_t commits = 1000;
  std::uint64_t seed = 1;
  std::size_t most_files = 2000;  // alive at a time
  std::string branch = "refs/heads/main";
};

void write_history(const HistoryOptions& options, const std::function<void(std::string_view)>& write);

// A bare repository of such a history, its objects in one pack as a server would send it. Needs the git program; false
// when it failed.
bool make_repository(const std::string& folder, const HistoryOptions& options);

// `commits` more on top of the branch, with its own seed: what a push brings.
bool add_commits(const std::string& folder, std::size_t commits, std::uint64_t seed);

}  // namespace cadence::bench
