// Both sides of trust between a fetch and a git server: what proves to the server who asks, and whether it is the
// server that was meant. Promises: a password goes to the scheme, host and port that the connection leads to, never to
// where a redirect came from; each key is tried once; over ssh nothing is said to a server that is not in known_hosts.
// Errors are whole sentences without secrets.
#pragma once

#include <git2.h>

#include <filesystem>
#include <optional>

#include "analysis/source/guard/credentials.hpp"
#include "analysis/source/guard/guarded_stream.hpp"

namespace cadence::analysis::source {

// Of one fetch. Reads the folder when a server asks or shows a certificate, not before.
class Authentication {
 public:
  // An empty folder: no credentials.
  Authentication(std::filesystem::path folder, const NetworkGuard& guard) : folder_(std::move(folder)), guard_(guard) {}

  // For NetworkRules::authorities; what is wrong with the folder does not count as this fetch's error().
  base::Result<std::string> authorities();
  // For git_remote_callbacks::credentials and ::certificate_check, with their results.
  int answer(git_credential** out, const char* url, const char* user, unsigned allowed);
  int check_host(const git_cert& certificate);

  // Why it failed, when that was for a reason of ours.
  [[nodiscard]] const std::optional<base::Error>& error() const { return error_; }

 private:
  int fail(base::Error error);
  base::Result<void> read_folder();
  int answer_with_password(git_credential** out, const char* url);
  int answer_with_key(git_credential** out, const char* user);

  const std::filesystem::path folder_;
  const NetworkGuard& guard_;
  std::optional<Credentials> credentials_;
  bool has_sent_password_ = false;
  std::size_t keys_tried_ = 0;
  std::optional<base::Error> error_;
};

}  // namespace cadence::analysis::source
