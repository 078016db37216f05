// Which senders' secrets a webhook pod is given, and where they lie in it: file i of a provider holds its i-th secret.
#pragma once

#include <string>
#include <vector>

#include "cadence/resources/common/context.hpp"

namespace cadence::resources {

struct WebhookProvider {
  std::string name;  // "github"
  std::vector<api::WebhookSecret> secrets;
  [[nodiscard]] std::string directory() const { return "/etc/cadence/secrets/" + name; }
};

// The senders whose deliveries are received: GitHub, with the generated Secret when the spec names none.
std::vector<WebhookProvider> webhook_providers(const Context& context);

}  // namespace cadence::resources
