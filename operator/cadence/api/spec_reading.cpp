// spec.webhook.api and spec.webhook.links: who may read, and what of them a webhook server would refuse to start with.
#include <algorithm>
#include <optional>

#include "cadence/api/webhook_checks.hpp"

namespace cadence::api {

using json::field;

json::Object WebhookApi::json_fields() {
  return {
      .name = "WebhookApi",
      .fields = {field<&WebhookApi::access>("access",
                                            "Who may read jobs and ask for analyses. Token: whoever shows one of the "
                                            "tokens in Secret NAME-api. Internal: whoever is inside the cluster; the "
                                            "load balancer answers 404. Open: everybody who reaches the load balancer.")
                     .one_of({"Token", "Internal", "Open"})
                     .length(1, 16),
                 field<&WebhookApi::requests_per_minute>(
                     "requestsPerMinute",
                     "Most requests for jobs, results and analyses of one token, or one address without a token, that "
                     "each replica answers in a minute; further ones get 429. 0: any number.")
                     .range(0, 1000000),
                 field<&WebhookApi::cors_origins>(
                     "corsOrigins",
                     "Origins whose pages may read answers in a browser, as https://host or https://host:port; *: all. "
                     "Empty: none.")
                     .items(0, 32)},
      .rules = {}};
}

json::Object WebhookLinks::json_fields() {
  return {.name = "WebhookLinks",
          .fields = {field<&WebhookLinks::public_url>(
                         "publicURL",
                         "How readers reach the load balancer, as https://cadence.example. Statuses of commits then "
                         "carry a link that opens the page of their job without a token, signed with a key of Secret "
                         "NAME-links. Empty: no links.")
                         .length(0, 512)
                         .pattern(kPublicUrlPattern),
                     field<&WebhookLinks::valid_days>("validDays", "For how many days a link opens its page.")
                         .range(1, 3660)},
          .rules = {}};
}

namespace {

// http:// or https://, and what stands behind it; nothing where it is neither.
std::optional<std::string_view> behind_scheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  return std::nullopt;
}

bool is_made_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) < others.size();
  });
}

}  // namespace

void check_reading(std::vector<json::FieldError>& errors, const WebhookSpec& webhook) {
  for (std::size_t i = 0; i < webhook.api.cors_origins.size(); ++i) {
    const auto& origin = webhook.api.cors_origins[i];
    const auto host = behind_scheme(origin);
    if (origin == "*" || (host && !host->empty() && is_made_of(*host, "-._:[]"))) continue;
    errors.push_back({"spec.webhook.api.corsOrigins[" + std::to_string(i) + "]",
                      "must be of the form https://host or https://host:port, or *"});
  }
  const auto& url = webhook.links.public_url;
  const auto rest = behind_scheme(url).value_or("");
  const auto host = rest.substr(0, rest.find('/'));
  if (!url.empty() &&
      (host.empty() || !is_made_of(host, "-._~:[]") || !is_made_of(rest.substr(host.size()), "-._~/:%!$&()*+,;=")))
    errors.push_back(
        {"spec.webhook.links.publicURL", "must be http:// or https://, a host, and no user, query or fragment"});
}

}  // namespace cadence::api
