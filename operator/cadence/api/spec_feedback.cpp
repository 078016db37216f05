// spec.webhook.feedback and reconcileDeliveries, which speak to the same APIs: their fields, and what of them a webhook
// server would refuse to start with.
#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cadence/api/patterns.hpp"
#include "cadence/api/webhook_checks.hpp"

namespace cadence::api {

using json::field;

namespace {

// TLS always: a token is in each request.
constexpr const char* kApiUrlPattern =
    "^(https://[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?"
    "(/[-._~a-zA-Z0-9/]*)?)?$";

void check_repositories(std::vector<json::FieldError>& errors, const std::string& at,
                        const std::vector<std::string>& repositories) {
  for (const auto& repository : repositories) {
    const auto parts = base::split(repository, '/');
    if (parts.size() < 2 ||
        std::any_of(parts.begin(), parts.end(), [](auto& part) { return part == "." || part == ".."; }))
      errors.push_back({at, "has " + repository + ", and must have owner/name or owner/*"});
  }
}

}  // namespace

// In words of this language: the API server alone reads patterns.
bool is_plain_url(std::string_view text, std::string_view scheme) {
  if (!text.starts_with(scheme)) return false;
  text.remove_prefix(scheme.size());
  const auto path = text.substr(std::min(text.find('/'), text.size()));
  auto host = text.substr(0, text.size() - path.size());
  if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    const auto port = base::parse_integer(host.substr(colon + 1));
    if (!port || *port < 1 || *port > 64999) return false;
    host = host.substr(0, colon);
  }
  const auto is_made_of = [](std::string_view all, std::string_view others) {
    return std::all_of(all.begin(), all.end(), [&](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             others.find(c) != std::string_view::npos;
    });
  };
  return !host.empty() && is_made_of(host, "-.") && is_made_of(path, "-._~/");
}

json::Object Feedback::json_fields() {
  return {
      .name = "Feedback",
      .fields =
          {field<&Feedback::provider>("provider", "Whose pushes are answered; as in spec.webhook.secrets.")
               .one_of({"github", "gitlab", "gitea", "forgejo", "bitbucket", "bitbucketServer"})
               .length(1, 32)
               .required(),
           field<&Feedback::api_url>("apiURL",
                                     "Where its API or its server is. Empty: github.com, gitlab.com, bitbucket.org. It "
                                     "may be inside a private network.")
               .length(0, 512)
               .pattern(kApiUrlPattern),
           field<&Feedback::token_secret_ref>(
               "tokenSecretRef", "A token that may set statuses of commits; bitbucket also takes user:password."),
           field<&Feedback::app_id>("appID", "Number or client ID of a GitHub App, which tells by check runs.")
               .length(0, 64)
               .pattern("^[.0-9A-Za-z]*$"),
           field<&Feedback::app_secret_ref>("appSecretRef", "The App's private key (PEM, RSA)."),
           field<&Feedback::ca_secret_ref>(
               "caSecretRef", "Certificates (PEM) of authorities that are trusted beside the public ones."),
           field<&Feedback::repositories>("repositories",
                                          "Repositories it is for, as owner/name or owner/*. Empty: all. The first "
                                          "entry that fits a repository is its own.")
               .items(0, 100),
           field<&Feedback::fail_above>("failAbove",
                                        "Fail a commit whose history is suspicious by more than so many per cent. "
                                        "Unset: no commit fails, the status says how much is suspicious.")
               .range(0, 100)},
      .rules = {
          {"has(self.tokenSecretRef) != has(self.appSecretRef)", "set either tokenSecretRef or appSecretRef", ""},
          {"has(self.appSecretRef) == (has(self.appID) && size(self.appID) > 0)", "appID and appSecretRef go together",
           ""},
          {"!has(self.appSecretRef) || self.provider == 'github'", "an App is for github only: set tokenSecretRef", ""},
          {"!(self.provider in ['gitea', 'forgejo', 'bitbucketServer']) || (has(self.apiURL) && size(self.apiURL) > 0)",
           "apiURL must be set: this provider runs on servers of your own", ""}}};
}

void check_feedback(std::vector<json::FieldError>& errors, const std::vector<Feedback>& entries) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto at = "spec.webhook.feedback[" + std::to_string(i) + "]";
    const bool has_app = entry.app_secret_ref.has_value();
    const bool has_own_server =
        entry.provider == "gitea" || entry.provider == "forgejo" || entry.provider == "bitbucketServer";
    if (has_app == entry.token_secret_ref.has_value())
      errors.push_back({at, "set either tokenSecretRef or appSecretRef"});
    if (has_app == entry.app_id.empty()) errors.push_back({at, "appID and appSecretRef go together"});
    if (has_app && entry.provider != "github") errors.push_back({at, "an App is for github only: set tokenSecretRef"});
    if (has_own_server && entry.api_url.empty())
      errors.push_back({at + ".apiURL", "must be set: this provider runs on servers of your own"});
    if (!entry.api_url.empty() && !is_plain_url(entry.api_url, "https://"))
      errors.push_back({at + ".apiURL", "must be an https:// URL without a user, query or fragment"});
    check_repositories(errors, at + ".repositories", entry.repositories);
  }
}

json::Object ReconcileDeliveries::json_fields() {
  return {
      .name = "ReconcileDeliveries",
      .fields = {field<&ReconcileDeliveries::provider>("provider", "Whose deliveries are compared with what was taken.")
                     .one_of({"github", "gitlab"})
                     .length(1, 32)
                     .required(),
                 field<&ReconcileDeliveries::api_url>(
                     "apiURL",
                     "Where its API or its server is. Empty: github.com, gitlab.com. It may "
                     "be inside a private network.")
                     .length(0, 512)
                     .pattern(kApiUrlPattern),
                 field<&ReconcileDeliveries::of>(
                     "of",
                     "Whose hooks: owner/name for the one of a repository or project, owner/* "
                     "for the one of an organisation or group. Empty: the App's own.")
                     .items(0, 100),
                 field<&ReconcileDeliveries::hook_url>("hookURL",
                                                       "Where our hook leads. Empty: any URL that ends with "
                                                       "/webhooks/PROVIDER.")
                     .length(0, 512)
                     .pattern("^(https?://[^ ]+)?$"),
                 field<&ReconcileDeliveries::hook_id>("hookID", "The hook's number. 0: it is found by its URL.")
                     .range(0, 9007199254740991),
                 field<&ReconcileDeliveries::token_secret_ref>(
                     "tokenSecretRef",
                     "A token that may read hooks and have them send again. Without it and an App: what "
                     "spec.webhook.feedback has for this provider and apiURL."),
                 field<&ReconcileDeliveries::app_id>("appID", "Number or client ID of a GitHub App, for its own hook.")
                     .length(0, 64)
                     .pattern("^[.0-9A-Za-z]*$"),
                 field<&ReconcileDeliveries::app_secret_ref>("appSecretRef", "The App's private key (PEM, RSA)."),
                 field<&ReconcileDeliveries::ca_secret_ref>(
                     "caSecretRef", "Certificates (PEM) of authorities that are trusted beside the public ones.")},
      .rules = {
          {"!(has(self.tokenSecretRef) && has(self.appSecretRef))", "set either tokenSecretRef or appSecretRef", ""},
          {"has(self.appSecretRef) == (has(self.appID) && size(self.appID) > 0)", "appID and appSecretRef go together",
           ""},
          {"!has(self.appSecretRef) || self.provider == 'github'", "an App is for github only: set tokenSecretRef", ""},
          {"!has(self.appSecretRef) || !has(self.of) || size(self.of) == 0",
           "an App opens its own hook: leave of empty, or set tokenSecretRef", ""},
          {"!has(self.hookID) || self.hookID == 0 || (has(self.of) && size(self.of) == 1)",
           "hookID is for one hook: name one in of", ""}}};
}

std::optional<std::size_t> feedback_for(const ReconcileDeliveries& entry, const std::vector<Feedback>& feedback) {
  for (std::size_t i = 0; i < feedback.size(); ++i)
    if (feedback[i].provider == entry.provider && feedback[i].api_url == entry.api_url &&
        feedback[i].app_id.empty() != entry.of.empty())
      return i;
  return std::nullopt;
}

namespace {

void check_opening(std::vector<json::FieldError>& errors, const std::string& at, const ReconcileDeliveries& entry,
                   const std::vector<Feedback>& feedback) {
  const bool has_app = entry.app_secret_ref.has_value(), has_token = entry.token_secret_ref.has_value();
  if (has_app && has_token) errors.push_back({at, "set either tokenSecretRef or appSecretRef"});
  if (has_app == entry.app_id.empty()) errors.push_back({at, "appID and appSecretRef go together"});
  if (has_app && entry.provider != "github") errors.push_back({at, "an App is for github only: set tokenSecretRef"});
  if (has_app && !entry.of.empty())
    errors.push_back({at, "an App opens its own hook: leave of empty, or set tokenSecretRef"});
  if (has_token && entry.of.empty()) errors.push_back({at + ".of", "must say whose hooks: owner/name or owner/*"});
  if (!has_app && !has_token && !feedback_for(entry, feedback))
    errors.push_back({at, entry.of.empty()
                              ? "set appID and appSecretRef: spec.webhook.feedback has no App for this apiURL"
                              : "set tokenSecretRef: spec.webhook.feedback has no token for this provider "
                                "and apiURL"});
}

}  // namespace

void check_reconcile(std::vector<json::FieldError>& errors, const std::vector<ReconcileDeliveries>& entries,
                     const std::vector<Feedback>& feedback) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& entry = entries[i];
    const auto at = "spec.webhook.reconcileDeliveries[" + std::to_string(i) + "]";
    check_opening(errors, at, entry, feedback);
    if (entry.hook_id != 0 && entry.of.size() != 1)
      errors.push_back({at + ".hookID", "is for one hook: name one in of"});
    if (!entry.api_url.empty() && !is_plain_url(entry.api_url, "https://"))
      errors.push_back({at + ".apiURL", "must be an https:// URL without a user, query or fragment"});
    check_repositories(errors, at + ".of", entry.of);
    auto names = entry.of;
    if (names.empty()) names.push_back("the App's own hook");
    for (const auto& name : names) {
      if (entry.provider == "github" && base::split(name, '/').size() > 2)
        errors.push_back({at + ".of", "has " + name + ", and must have owner/name or owner/*"});
      if (!seen.insert(entry.provider + " " + entry.api_url + " " + base::to_lower(name)).second)
        errors.push_back({at + ".of", "has " + name + ", which is named before"});
    }
  }
}

}  // namespace cadence::api
