#include <algorithm>
#include <set>

#include "analysis/source/guard/url.hpp"
#include "base/text.hpp"
#include "feedback/account.hpp"
#include "queue/repository_names.hpp"
#include "recovery/options.hpp"
#include "recovery/providers/provider.hpp"

namespace cadence::recovery {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

Error wrong(const std::string& key, const std::string& why) { return {ErrorKind::Invalid, key + " " + why}; }

Result<void> validate_places(const HookOptions& entry, const std::string& at) {
  constexpr std::size_t kMost = 100;
  if (entry.of.empty()) return wrong(at + ".of", "must name repositories (owner/name) or their owner (owner/*)");
  if (entry.of.size() > kMost) return wrong(at + ".of", "must have at most 100 names");
  if (entry.hook_id != 0 && entry.of.size() > 1) return wrong(at + ".hook_id", "is for one hook: name one in of");
  for (std::size_t i = 0; i < entry.of.size(); ++i) {
    auto pattern = entry.of[i];
    const bool is_owner = pattern.ends_with("/*");
    if (is_owner) pattern.back() = 'x';
    const auto slashes = std::count(pattern.begin(), pattern.end(), '/');
    if (!queue::is_plain_repository(pattern) || (entry.provider == "github" && slashes != 1))
      return wrong(at + ".of[" + std::to_string(i) + "]", "must be owner/name or owner/*");
  }
  return base::ok();
}

Result<void> validate_opening(const HookOptions& entry, const std::string& at) {
  const bool has_app = !entry.app_id.empty() || !entry.app_key_file.empty();
  if (has_app == !entry.token_file.empty()) return wrong(at, "must have either token_file or app");
  if (!has_app) return validate_places(entry, at);
  if (entry.provider != "github") return wrong(at + ".app", "is for github only: use token_file");
  if (entry.app_id.empty() || entry.app_key_file.empty()) return wrong(at + ".app", "must have both id and key_file");
  if (!feedback::is_app_id(entry.app_id)) return wrong(at + ".app.id", "must be the App's number or its client ID");
  if (!entry.of.empty())
    return wrong(at + ".of", "must be empty: an App opens its own hook; use token_file for others");
  if (entry.hook_id != 0) return wrong(at + ".hook_id", "must not be set: an App has one hook");
  return base::ok();
}

Result<void> validate_one(const HookOptions& entry, const Options& all, const std::string& at) {
  const auto* provider = provider_named(entry.provider);
  if (provider == nullptr)
    return wrong(at + ".provider", "must be github or gitlab: others have no list of deliveries that can be asked for");
  const auto url = feedback::api_url_of(provider->forge(), entry.api_url);
  if (!url) return wrong(at + ".api_url", "is not usable: " + url.error().message);
  if (!url->is_secure && !all.may_use_clear_text && !analysis::source::is_listed_host(all.clear_text_hosts, url->host))
    return wrong(at + ".api_url", "would have the token sent in clear text: use https, or name " + url->host +
                                      " in clone.allowed_hosts");
  if (entry.hook_id < 0) return wrong(at + ".hook_id", "must be the hook's number");
  if (!entry.hook_url.empty() && !entry.hook_url.starts_with("https://") && !entry.hook_url.starts_with("http://"))
    return wrong(at + ".hook_url", "must begin with https:// or http://");
  return validate_opening(entry, at);
}

}  // namespace

Result<void> validate(const Options& options) {
  constexpr std::size_t kMostEntries = 32;
  const std::string key = "webhook.reconcile.hooks";
  if (options.interval_seconds < 30 || options.interval_seconds > 86400)
    return wrong("webhook.reconcile.interval_seconds", "must be between 30 and 86400");
  if (options.hooks.size() > kMostEntries) return wrong(key, "must have at most 32 entries");
  std::set<std::string> seen;
  for (std::size_t i = 0; i < options.hooks.size(); ++i) {
    const auto& entry = options.hooks[i];
    const auto at = key + "[" + std::to_string(i) + "]";
    if (auto checked = validate_one(entry, options, at); !checked) return checked;
    auto names = entry.of;
    if (!entry.app_id.empty()) names.push_back("App " + entry.app_id);
    for (const auto& name : names)
      if (!seen.insert(entry.provider + " " + entry.api_url + " " + base::to_lower(name)).second)
        return wrong(at, "names " + name + ", which another entry has already");
  }
  return base::ok();
}

}  // namespace cadence::recovery
