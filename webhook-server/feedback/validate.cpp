#include <algorithm>

#include "analysis/source/guard/url.hpp"
#include "base/text.hpp"
#include "feedback/account.hpp"
#include "queue/repository_names.hpp"

namespace cadence::feedback {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

std::string names_of_forges() {
  std::vector<std::string> names;
  for (const auto* forge : all_forges()) names.emplace_back(forge->name);
  return base::join(names, ", ");
}

Error wrong(const std::string& key, const std::string& why) { return {ErrorKind::Invalid, key + " " + why}; }

Result<void> validate_opening(const AccountOptions& account, const std::string& at) {
  const bool has_app = !account.app_id.empty() || !account.app_key_file.empty();
  if (has_app == !account.token_file.empty()) return wrong(at, "must have either token_file or app");
  if (!has_app) return base::ok();
  if (account.provider != "github") return wrong(at + ".app", "is for github only: use token_file");
  if (account.app_id.empty() || account.app_key_file.empty())
    return wrong(at + ".app", "must have both id and key_file");
  if (!is_app_id(account.app_id)) return wrong(at + ".app.id", "must be the App's number or its client ID");
  return base::ok();
}

Result<void> validate_repositories(const AccountOptions& account, const std::string& at) {
  for (std::size_t i = 0; i < account.repositories.size(); ++i) {
    auto pattern = account.repositories[i];
    if (pattern.ends_with("/*")) pattern.back() = 'x';
    if (!queue::is_plain_repository(pattern))
      return wrong(at + ".repositories[" + std::to_string(i) + "]", "must be owner/name or owner/*");
  }
  return base::ok();
}

Result<void> validate_one(const AccountOptions& account, const Options& all, const std::string& at) {
  const auto* forge = forge_named(account.provider);
  if (forge == nullptr) return wrong(at + ".provider", "must be one of " + names_of_forges());
  if (account.api_url.empty() && forge->api_url.empty())
    return wrong(at + ".api_url", "must be set: " + account.provider + " runs on servers of your own");
  const auto url = api_url_of(*forge, account.api_url);
  if (!url) return wrong(at + ".api_url", "is not usable: " + url.error().message);
  if (!url->is_secure && !all.may_use_clear_text && !analysis::source::is_listed_host(all.clear_text_hosts, url->host))
    return wrong(at + ".api_url", "would have the token sent in clear text: use https, or name " + url->host +
                                      " in clone.allowed_hosts");
  if (account.fail_above && !(*account.fail_above >= 0 && *account.fail_above <= 100))
    return wrong(at + ".fail_above", "must be between 0 and 100");
  if (auto checked = validate_opening(account, at); !checked) return checked;
  return validate_repositories(account, at);
}

}  // namespace

Result<void> validate(const Options& options) {
  constexpr std::size_t kMostAccounts = 32;
  if (options.accounts.size() > kMostAccounts) return wrong("webhook.feedback", "must have at most 32 entries");
  for (std::size_t i = 0; i < options.accounts.size(); ++i)
    if (auto checked = validate_one(options.accounts[i], options, "webhook.feedback[" + std::to_string(i) + "]");
        !checked)
      return checked;
  return base::ok();
}

}  // namespace cadence::feedback
