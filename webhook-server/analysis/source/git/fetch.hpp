// Bringing one bare repository up to date with its server. Promises: bounded like a clone (repository.hpp); nothing of
// the URL stays in the folder. The folder belongs to the caller, who sees to it that nobody else writes there.
#pragma once

#include <stop_token>
#include <string>

#include "analysis/source/git/repository.hpp"

namespace cadence::analysis::source {

// The URL and the branch may be used at all.
base::Result<void> check_clone(const CloneOptions& options);

struct FetchOutcome {
  base::Result<void> done;
  bool is_doubtful = false;  // it failed for a reason that may lie in the folder, not with the server
};

// Makes the repository when the folder holds none; else fetches what is new. In a child process (fetch_child.hpp).
FetchOutcome fetch_into(const std::string& folder, const CloneOptions& options, std::stop_token stop);
// The same in this process and on this thread.
FetchOutcome fetch_here(const std::string& folder, const CloneOptions& options, std::stop_token stop);

// A clause: unpacking took all the memory that it may take.
std::string out_of_memory(const CloneOptions& options);

}  // namespace cadence::analysis::source
