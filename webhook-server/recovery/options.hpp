// Whose deliveries are compared with the ledger, as the configuration says it. No secrets in here: tokens and keys are
// read from their files when they are used. Knows no file format.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::recovery {

// One entry of webhook.reconcile.hooks: an API, what opens it, and whose hooks are looked at.
struct HookOptions {
  std::string provider;         // github or gitlab
  std::string api_url;          // empty: the one that everybody uses
  std::vector<std::string> of;  // "owner/name": a repository's hook; "owner/*": the organisation's or group's
  std::string hook_url;         // where the hook leads; empty: any URL that ends as our routes do
  std::int64_t hook_id = 0;     // 0: found by its URL
  std::string token_file;
  std::string app_id, app_key_file;  // a GitHub App instead of a token: the App's own hook, and no `of`
  std::string ca_file;               // PEM, beside the machine's own roots
};

struct Options {
  std::vector<HookOptions> hooks = {};
  std::int64_t interval_seconds = 300;
  // Who may be sent a token in clear text.
  std::vector<std::string> clear_text_hosts = {};
  bool may_use_clear_text = false;  // everybody
};

// The key that is wrong, why, and what to do.
base::Result<void> validate(const Options& options);

}  // namespace cadence::recovery
