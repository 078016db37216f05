// The answers to "do you live" and "are you ready": named checks, together and each on its own.
// Promises: /healthz and /livez ask the live checks, /readyz the ready ones; /readyz/<name> asks one; ?verbose lists
// them, ?exclude= leaves one out, repeatably; why a check failed goes to the log, never into the answer. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "kube/control/metrics.hpp"
#include "net/server.hpp"

namespace cadence::kube::control {

class Health {
 public:
  enum class Kind { Live, Ready };
  using Check = std::function<base::Result<void>()>;  // must not block

  void add(Kind kind, const std::string& name, Check check);
  // Nothing when the target is none of ours.
  std::optional<net::Response> answer(const std::string& target) const;

 private:
  struct Named {
    Kind kind;
    std::string name;
    Check check;
  };
  std::vector<Named> of(Kind kind) const;
  net::Response answer_for(Kind kind, const std::string& only, const std::string& target) const;

  mutable std::mutex mutex_;
  std::vector<Named> checks_;
};

// Health and GET /metrics on one small server.
net::HeadHandler observability_handler(const Health& health, const Registry& registry);

// rest_client_* of a client::Client: for its Options::observe.
std::function<void(std::string_view method, int code, double seconds)> observe_requests(Registry& registry,
                                                                                        const std::string& host);

}  // namespace cadence::kube::control
