// Runs a kubeconfig's credential plugin (client.authentication.k8s.io/v1, v1beta1). Promises: no shell, a deadline, and
// no output in an error text: it may hold a secret. Caches nothing.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "kube/client/config.hpp"

namespace cadence::kube::client {

struct ExecCredential {
  std::string token, certificate_pem, key_pem;
  std::optional<base::Wall> expires;
};

base::Result<ExecCredential> run_plugin(const ExecPlugin& plugin, const Config& config);

}  // namespace cadence::kube::client
