// Partial transfer: files too large to be looked at stay at a server that offers to keep them ("filter", gitprotocol-capabilities(5)).
// libgit2 1.5 cannot ask for it, so its transports for http, https, git and ssh get a layer that reads the server's offer and adds the filter
// to the request. Promises: a server without the offer is asked as ever; a repository says itself from what size on its files are missing.
#pragma once

#include <git2.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cadence::analysis::source {

struct PartialTransfer {
  std::uint64_t largest_file = 0;  // bytes; what is larger stays at the server
  std::string offer;               // what the server said first, until its capabilities are complete
  [[nodiscard]] bool is_offered() const;
};

// git_remote_callbacks::transport. `transfer` has to outlive the remote.
int make_partial_transport(git_transport** out, git_remote* owner, PartialTransfer& transfer);

// Whether a server's first answer (gitprotocol-pack(5), "Reference Discovery") offers filters; nothing while it is not complete.
std::optional<bool> offers_filter(std::string_view advertisement);

// A request with the filter in it; unchanged when it does not begin with what is wanted. Deltas against objects outside the pack are
// declined ("thin-pack"), for these might be ones that were left out.
std::string with_filter(std::string_view request, std::uint64_t largest_file);

// Written beside a repository's objects before a filtered fetch: its files may lack those that are larger. False when it cannot be written.
bool note_largest_file(const std::filesystem::path& repository, std::uint64_t bytes);
// Nothing when all its files were fetched.
std::optional<std::uint64_t> noted_largest_file(const std::filesystem::path& repository);

}  // namespace cadence::analysis::source
