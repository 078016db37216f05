// Who may read private repositories: names and passwords in the format of git's own credential store, a line
// "https://user:password@host" each, and what ssh needs (ssh_keys.hpp); and whom https trusts beside the machine's
// authorities. Promises: a password counts for its scheme, host and port only; no message shows any of it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/source/guard/ssh_keys.hpp"
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

struct Credentials {
  std::vector<Credential> passwords;
  std::vector<std::string> private_keys;  // whole files
  std::vector<KnownHost> known_hosts;
  std::vector<std::string> authorities;  // PEM texts of certificates
  // Files that cannot be used; each concerns those alone who need its kind.
  std::optional<base::Error> password_problem;
  std::optional<base::Error> ssh_problem;
  std::optional<base::Error> authority_problem;
};

// All files directly in a folder, as a mounted Secret has them; read again each time, so that a rotated one counts at
// once. What is in a file shows by its text, for private keys and certificates, or by its name, for known_hosts; all
// others hold lines for passwords.
base::Result<Credentials> read_credentials(const std::filesystem::path& folder);

// The first one for a server; null when there is none.
const Credential* find_credential(const std::vector<Credential>& credentials, std::string_view scheme,
                                  std::string_view host, std::string_view port);

}  // namespace cadence::analysis::source
