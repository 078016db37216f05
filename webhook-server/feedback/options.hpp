// Where senders are answered back, as the configuration says it. No secrets in here: tokens and keys are read from
// their files when they are used. Knows no file format.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::feedback {

// One entry of webhook.feedback: an API, what opens it, and the repositories it is for.
struct AccountOptions {
  std::string provider;  // github, gitlab, gitea, forgejo, bitbucket or bitbucketServer
  std::string api_url;   // empty: the one that everybody uses, where there is one
  std::string token_file;
  std::string app_id, app_key_file;       // a GitHub App, instead of a token
  std::string ca_file;                    // PEM, beside the machine's own roots
  std::vector<std::string> repositories;  // "owner/name", "owner/*"; empty: all
  std::optional<double> fail_above;       // per cent of suspicious commits; none: no verdict fails a commit
};

struct Options {
  std::vector<AccountOptions> accounts;  // the first that fits a repository is its own
  // Who may be sent a token in clear text.
  std::vector<std::string> clear_text_hosts;
  bool may_use_clear_text = false;  // everybody
};

// The key that is wrong, why, and what to do.
base::Result<void> validate(const Options& options);

}  // namespace cadence::feedback
