// The children of the webhook component. Knows the server's file layout (/etc/cadence/…), not how it reads it.
#pragma once

#include "cadence/resources/common/context.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/autoscaling.hpp"
#include "kube/types/core.hpp"
#include "kube/types/policy.hpp"

namespace cadence::resources {

// Where the Secret of spec.webhook.clone.credentialsSecretRef lies in a pod.
inline constexpr const char* kCloneCredentials = "/etc/cadence/clone-credentials";
inline constexpr const char* kApiTokens = "/etc/cadence/api-tokens";
// The keys that sign links, where there are links.
inline constexpr const char* kLinkKeys = "/etc/cadence/links";
// The shared cache's password, where it is read from.
inline constexpr const char* kCachePassword = "/etc/cadence/redis";
// Of entry i of spec.webhook.feedback: i-token, i-key and i-ca.
inline constexpr const char* kFeedbackSecrets = "/etc/cadence/feedback";
// The same of spec.webhook.reconcileDeliveries.
inline constexpr const char* kReconcileSecrets = "/etc/cadence/reconcile";
// headers and ca of spec.webhook.tracing, where spans are exported.
inline constexpr const char* kTracingSecrets = "/etc/cadence/tracing";
// Where a pod's spool is mounted, where there is one.
inline constexpr const char* kSpoolVolume = "/var/spool/cadence";

// What the cache of cloned repositories in a pod may hold; those in use come on top.
inline constexpr std::int64_t kCloneCacheBytes = std::int64_t{2} << 30;
// spec.webhook.clone.maxRepositoryBytes.
std::int64_t largest_clone(const api::CadenceClusterSpec& spec);
// spec.webhook.clone.maxMemoryBytes.
std::int64_t most_memory_of_clone(const api::CadenceClusterSpec& spec);
// spec.webhook.ingest.inFlightBytes: of bodies that one server holds at a time.
std::int64_t webhook_in_flight_bytes(const api::CadenceClusterSpec& spec);

// Whether statuses carry links that open a job's page without a token.
bool has_links(const api::CadenceClusterSpec& spec);
// Whether deliveries that the database does not take in time are kept on the pod's disk, and how many bytes.
bool has_spool(const api::CadenceClusterSpec& spec);
std::int64_t webhook_spool_bytes(const api::CadenceClusterSpec& spec);
// From SIGTERM on, for the database to take what is spooled; the pod may end later only.
inline constexpr std::int64_t kSpoolDrainSeconds = 540;

// cadence.yml as the server reads it.
std::string webhook_configuration(const Context& context);

kube::types::ConfigMap build_webhook_config(const Context& context);
kube::types::ServiceAccount build_webhook_service_account(const Context& context);
kube::types::Service build_webhook_service(const Context& context);
kube::types::PodDisruptionBudget build_webhook_pdb(const Context& context);
kube::types::Deployment build_webhook_deployment(const Context& context);
// Only where spec.webhook.autoscaling is set.
std::optional<kube::types::HorizontalPodAutoscaler> build_webhook_hpa(const Context& context);

// The most replicas there can be by this spec.
int max_webhook_replicas(const api::CadenceClusterSpec& spec);
// True: the operator generates Secret <cluster>-webhook-github.
bool needs_generated_github_secret(const api::CadenceClusterSpec& spec);

}  // namespace cadence::resources
