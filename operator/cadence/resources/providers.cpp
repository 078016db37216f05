#include "cadence/resources/providers.hpp"

#include "cadence/resources/webhook.hpp"

namespace cadence::resources {

bool needs_generated_github_secret(const api::CadenceClusterSpec& spec) { return spec.webhook.secrets.github.empty(); }

std::vector<WebhookProvider> webhook_providers(const Context& context) {
  const auto& secrets = context.spec().webhook.secrets;
  std::vector<WebhookProvider> all{{"github", secrets.github},
                                   {"gitlab", secrets.gitlab},
                                   {"gitea", secrets.gitea},
                                   {"bitbucket", secrets.bitbucket},
                                   {"standard", secrets.standard}};
  if (needs_generated_github_secret(context.spec())) {
    all.front().secrets = {{.secret_ref = {.name = context.names().webhook_github(), .key = "secret"}, .repositories = {}}};
  }
  std::erase_if(all, [](const WebhookProvider& provider) { return provider.secrets.empty(); });
  return all;
}

}  // namespace cadence::resources
