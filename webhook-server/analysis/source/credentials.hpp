// Names and passwords for private repositories, in the format of git's own credential store: a line "https://user:password@host" each.
// Promises: a credential counts for its scheme, host and port only; no message shows any of it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::source {

struct Credential {
  std::string scheme;  // https or http
  std::string host;    // lower case
  std::string port;    // as a number, the scheme's own when none was given
  std::string user;
  std::string password;
};

// Empty lines and those that begin with # do not count. Invalid, with the number of the line.
base::Result<std::vector<Credential>> parse_credentials(std::string_view text);

// All files directly in a folder, as a mounted Secret has them; read anew each time, so that a rotated one counts at once.
base::Result<std::vector<Credential>> read_credentials(const std::filesystem::path& folder);

// The first one for a server; null when there is none.
const Credential* find_credential(const std::vector<Credential>& credentials, std::string_view scheme, std::string_view host, std::string_view port);

}  // namespace cadence::analysis::source
