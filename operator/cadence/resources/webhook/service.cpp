#include "cadence/resources/common/labels.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {

kube::types::ServiceAccount build_webhook_service_account(const Context& context) {
  kube::types::ServiceAccount out;
  out.metadata = child_metadata(context, context.names().webhook(), kWebhook);
  out.automount_service_account_token = false;
  return out;
}

kube::types::Service build_webhook_service(const Context& context) {
  kube::types::Service out;
  out.metadata = child_metadata(context, context.names().webhook(), kWebhook);
  out.spec.type = "ClusterIP";
  out.spec.selector = names::selector_of(context.name(), kWebhook);
  out.spec.ports = {{.name = "http", .port = context.spec().webhook.port, .target_port = "http"}};
  return out;
}

}  // namespace cadence::resources
