// Partial transfer: files too large to be looked at stay at a server that offers to keep them ("filter",
// gitprotocol-capabilities(5)). libgit2 1.5 cannot ask for it, so its transports for http, https, git and ssh get a
// layer that reads the server's offer and adds the filter to the request. Promises: a server without the offer is asked
// as ever; a repository says itself from what size on its files are missing.
#pragma once

#include <git2.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cadence::analysis::source {

// One connection: what is asked of the server, then what it said.
struct PartialTransfer {
  std::optional<std::uint64_t> largest_file;  // bytes; what is larger stays at the server. Unset: nothing does
  std::uint64_t most_references = 0;          // bytes; a longer list of references ends the connection
  std::uint64_t references = 0;               // bytes that came before anything was asked for
  std::string offer;                          // what the server said first, until is_offered is known
  std::optional<bool> is_offered;
  bool is_asked_for = false;
  bool is_sha256 = false;  // what the names of its objects are
};

// git_remote_callbacks::transport. `transfer` has to outlive the remote.
int make_partial_transport(git_transport** out, git_remote* owner, PartialTransfer& transfer);

// Whether a server's first answer (gitprotocol-pack(5), "Reference Discovery") offers filters; nothing while it is not
// complete.
std::optional<bool> offers_filter(std::string_view advertisement);

// A request with the filter in it; unchanged when it does not begin with what is wanted. Deltas against objects outside
// the pack are declined ("thin-pack"), for these might be ones that were left out.
std::string with_filter(std::string_view request, std::uint64_t largest_file);

// Written in a repository's own folder (git_repository_path) before a filtered fetch: files that are larger may be
// missing. The smallest number stays. False when it cannot be written.
bool note_largest_file(const std::filesystem::path& git_folder, std::uint64_t bytes);
// Nothing when all its files were fetched.
std::optional<std::uint64_t> noted_largest_file(const std::filesystem::path& git_folder);

}  // namespace cadence::analysis::source
