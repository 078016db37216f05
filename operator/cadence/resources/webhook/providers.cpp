#include "cadence/resources/webhook/providers.hpp"

#include "base/text.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {

bool needs_generated_github_secret(const api::CadenceClusterSpec& spec) { return spec.webhook.secrets.github.empty(); }

std::string WebhookProvider::volume() const { return "secrets-" + base::to_lower(name); }

std::vector<WebhookProvider> webhook_providers(const Context& context) {
  std::vector<WebhookProvider> all;
  for (const auto& [sender, secrets] : api::secrets_by_sender(context.spec().webhook.secrets)) {
    if (!secrets->empty()) all.push_back({sender, *secrets});
  }
  if (needs_generated_github_secret(context.spec())) {
    const api::WebhookSecret generated{.secret_ref = {.name = context.names().webhook_github(), .key = "secret"},
                                       .repositories = {}};
    all.insert(all.begin(), {"github", {generated}});
  }
  return all;
}

}  // namespace cadence::resources
