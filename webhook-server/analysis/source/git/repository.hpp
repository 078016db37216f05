// The way into the git analysis: fetch a repository, analyse one, clear up what a killed process left. Promises: every
// call is bounded in time, bytes and objects and ends soon after a stop; folders are removed on every path; addresses
// inside the network are refused at the moment of connecting. Errors are whole sentences without credentials.
// Thread-safe; knows no jobs and no JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "analysis/git/options.hpp"
#include "analysis/git/result.hpp"
#include "analysis/source/git/shared_blocks.hpp"
#include "analysis/source/git/temporary_folder.hpp"
#include "base/result.hpp"

namespace cadence::analysis::source {

struct CloneOptions {
  std::string url;     // https, http, git or ssh
  std::string branch;  // fetched beside the default branch; "" or unknown to the server: see `after`
  // The commit that was pushed. With a branch that the server knows, its history is taken to hold it; else everything
  // is fetched.
  std::string after;
  std::filesystem::path folder;  // clones are made in folders of their own below it
  bool allow_local = false;      // file: URLs and paths of this machine
  // hosts at loopback, private, link-local and other addresses that are not public
  bool allow_private_networks = false;
  std::vector<std::string> allowed_hosts;  // hosts that may have such addresses: "git.internal", "*.corp.example"
  std::filesystem::path credentials;       // a folder of files for credentials.hpp; empty: none are sent
  std::uint64_t max_bytes = 2ULL << 30;    // received
  // Files that are larger stay at a server that offers to keep them; AnalyseOptions' bound is the same, so no result
  // depends on it. Unset: all files are fetched.
  std::optional<std::uint64_t> largest_file = git::Bounds{}.max_file_bytes;
  std::uint64_t max_objects = 20'000'000;
  std::uint64_t max_memory = 192ULL << 20;  // of the process that fetches and unpacks
  std::chrono::seconds time_limit{120};
};

// A bare clone; its folder goes when it does.
class Clone {
 public:
  explicit Clone(TemporaryFolder folder) : folder_(std::move(folder)) {}
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

base::Result<Clone> clone(const CloneOptions& options, std::stop_token stop);

// The commit whose history is analysed: `after` when it is named, else the branch, else the default branch. What is
// named and not there is an error, for nothing else may be judged under its name.
struct StartPoint {
  std::string branch;
  std::string after;
  // A person named them: both must be there, in either profile, and `after` may be the beginning of a hash that no
  // other object shares. Else `after` is a whole hash that must be there; a branch that is not is an error in the
  // corrected profile, while the older behaviour takes the default branch instead.
  bool is_strict = false;
};

struct AnalyseOptions {
  git::AnalysisOptions rules;
  unsigned threads = 1;  // the result is the same for any number
  std::chrono::seconds time_limit{600};
  // pairs; called from any of the threads, now and then
  std::function<void(std::size_t done, std::size_t all)> progress;
  // A folder beside the repository where commits and verdicts are written down for the next time; empty: nowhere.
  std::filesystem::path memory;
  // Where other servers find the verdicts of this one, and this one theirs.
  Shared shared;
  // Called at most once, when objects or the start could not be read. A result counts their pairs or files for nothing.
  std::function<void(std::uint64_t objects)> on_unreadable;
  std::string name;  // what errors call the repository; empty: its folder
};

// `repository`: the folder of a bare repository, or one with a work tree.
base::Result<git::AnalysisResult> analyse(const std::filesystem::path& repository, const StartPoint& start,
                                          const AnalyseOptions& options, std::stop_token stop);

}  // namespace cadence::analysis::source
