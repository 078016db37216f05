// Fetching in a process of its own: what a repository unpacks to is its author's choice, so libgit2 meets it under
// limits of memory, processor time, files and their sizes, and its death is a failed fetch with a sentence. Promises:
// the child ends with its stop, its time limit or its parent; URLs and passwords go through a socket, not through
// arguments; nothing but that socket is open in it.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "analysis/source/git/fetch.hpp"

namespace cadence::analysis::source {

// First in main() of every program that fetches: the same program is the child. Its exit code when it was started as
// one.
std::optional<int> run_fetch_child(int argc, char** argv);

// What goes through the socket.
std::string to_wire(const std::string& folder, const CloneOptions& options);
std::string to_wire(const FetchOutcome& outcome);
struct FetchRequest {
  std::string folder;
  CloneOptions options;
};
std::optional<FetchRequest> request_from_wire(std::string_view text);
std::optional<FetchOutcome> outcome_from_wire(std::string_view text);

}  // namespace cadence::analysis::source
