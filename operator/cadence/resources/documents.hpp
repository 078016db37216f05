// Every child that the spec alone decides, as documents ready to apply, in an order in which each prefix makes sense.
// Not among them: PostgreSQL's pods and volumes (the plan says which exist) and Secrets (made once, from randomness).
#pragma once

#include <vector>

#include "cadence/resources/common/context.hpp"

namespace cadence::resources {

struct Document {
  const kube::core::KindInfo* kind = nullptr;
  std::string name;
  json::Value body;  // with apiVersion and kind
};

std::vector<Document> webhook_documents(const Context& context);
std::vector<Document> load_balancer_documents(const Context& context);  // none unless it is HAProxy
std::vector<Document> redis_documents(const Context& context);
std::vector<Document> postgres_documents(const Context& context);
std::vector<Document> network_policy_documents(const Context& context);

}  // namespace cadence::resources
