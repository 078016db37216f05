#include "cadence/resources/webhook/providers.hpp"

#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {

bool needs_generated_github_secret(const api::CadenceClusterSpec& spec) { return spec.webhook.secrets.github.empty(); }

std::vector<WebhookProvider> webhook_providers(const Context& context) {
  // Those of other senders are not mounted before the servers take their deliveries: a secret that nobody reads is only
  // a risk.
  std::vector<WebhookProvider> all{{"github", context.spec().webhook.secrets.github}};
  if (needs_generated_github_secret(context.spec())) {
    all.front().secrets = {
        {.secret_ref = {.name = context.names().webhook_github(), .key = "secret"}, .repositories = {}}};
  }
  return all;
}

}  // namespace cadence::resources
