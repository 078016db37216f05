// Which senders' secrets a webhook pod is given, and where they lie in it: file i of a provider holds its i-th secret.
#pragma once

#include <string>
#include <vector>

#include "cadence/resources/common/context.hpp"

namespace cadence::resources {

struct WebhookProvider {
  std::string name;  // "github", as the field and as the servers know it
  std::vector<api::WebhookSecret> secrets;
  [[nodiscard]] std::string directory() const { return "/etc/cadence/secrets/" + name; }
  [[nodiscard]] std::string volume() const;  // Kubernetes takes lower case only
};

// The senders whose deliveries are received: those that the spec gives secrets, and GitHub, with the generated Secret
// when the spec names none. A server refuses the deliveries of all others.
std::vector<WebhookProvider> webhook_providers(const Context& context);

}  // namespace cadence::resources
