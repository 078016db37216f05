#include <algorithm>

#include "cadence/resources/common/pod_parts.hpp"
#include "cadence/resources/webhook/providers.hpp"
#include "cadence/resources/webhook/webhook.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

types::Volume provider_volume(const Context& context, const WebhookProvider& provider) {
  types::ProjectedSource source;
  source.default_mode = kSecretFileMode;
  for (std::size_t i = 0; i < provider.secrets.size(); ++i) {
    const auto& reference = provider.secrets[i].secret_ref;
    types::VolumeProjection projection;
    projection.secret =
        types::ProjectedReference{.name = context.mounted(reference.name),
                                  .items = {{.key = reference.key, .path = std::to_string(i), .mode = {}}},
                                  .optional = {}};
    source.sources.push_back(std::move(projection));
  }
  types::Volume out;
  out.name = provider.volume();
  out.projected = std::move(source);
  return out;
}

// Files by their names. A Secret that is not there yet keeps no server from starting, and what is put into it later
// needs no restart.
using Files = std::vector<std::pair<std::string, std::optional<api::SecretKeyReference>>>;

types::Volume files_volume(const Context& context, const char* name, const Files& files) {
  types::ProjectedSource source;
  source.default_mode = kSecretFileMode;
  for (const auto& [path, reference] : files) {
    if (!reference) continue;
    types::VolumeProjection projection;
    projection.secret = types::ProjectedReference{.name = context.mounted(reference->name),
                                                  .items = {{.key = reference->key, .path = path, .mode = {}}},
                                                  .optional = true};
    source.sources.push_back(std::move(projection));
  }
  types::Volume out;
  out.name = name;
  out.projected = std::move(source);
  return out;
}

// What opens APIs, of each entry.
types::Volume openings_volume(const Context& context, const char* name, const auto& entries) {
  Files files;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto at = std::to_string(i) + "-";
    files.insert(files.end(), {{at + "token", entries[i].token_secret_ref},
                               {at + "key", entries[i].app_secret_ref},
                               {at + "ca", entries[i].ca_secret_ref}});
  }
  return files_volume(context, name, files);
}

bool has_tracing_files(const api::WebhookTracing& tracing) {
  return !tracing.endpoint.empty() && (tracing.headers_secret_ref || tracing.ca_secret_ref);
}

// Public repositories are analysed without it too, so that a Secret that is not there yet keeps no server from
// starting.
types::Volume credentials_volume(const std::string& secret) {
  auto out = secret_volume("clone-credentials", secret);
  out.secret->optional = true;
  return out;
}

// Room for the server, the bodies that it holds, and for each worker an analysis and the process that fetches, which
// keeps to its bound. Whatever a stranger's repository makes of itself, no neighbour on the node pays for it.
std::string most_memory(const api::CadenceClusterSpec& spec) {
  constexpr std::int64_t kMebi = std::int64_t{1} << 20;
  const std::int64_t bodies = std::min(webhook_in_flight_bytes(spec) / kMebi, std::int64_t{1} << 20);
  const std::int64_t fetching = (most_memory_of_clone(spec) + kMebi - 1) / kMebi;
  return std::to_string(256 + bodies + (128 + fetching) * spec.webhook.workers) + "Mi";
}

// Without it nobody passes, and deliveries are taken all the same.
types::Volume tokens_volume(const Context& context) {
  auto out = secret_volume("api-tokens", context.mounted(context.names().webhook_api()));
  out.secret->optional = true;
  return out;
}

// Without it no link opens anything, and no server waits for it.
types::Volume links_volume(const Context& context) {
  auto out = secret_volume("links", context.mounted(context.names().webhook_links()));
  out.secret->optional = true;
  return out;
}

// Of the Secret of Redis the servers' own password alone. Without it nothing is shared, and nothing waits for it.
types::Volume cache_volume(const Context& context) {
  auto out = secret_volume("redis", context.mounted(context.names().redis_auth()));
  out.secret->items = {{.key = "webhook-password", .path = "password", .mode = {}}};
  out.secret->optional = true;
  return out;
}

types::Container server_container(const Context& context) {
  const auto& webhook = context.spec().webhook;
  types::Container out;
  out.name = "webhook";
  out.image = context.webhook_image();
  out.image_pull_policy = "IfNotPresent";
  out.command = {"cadence-webhook"};
  out.args = {"serve",
              "--config",
              "/etc/cadence/cadence.yml",
              "--listen",
              "0.0.0.0:" + std::to_string(webhook.port),
              "--store-file",
              "/etc/cadence/store/uri"};
  // Nothing but /tmp can be written, so libraries that look for a home find it there.
  out.env = {env_from_field("POD_NAME", "metadata.name"), env("HOME", "/tmp")};
  out.ports = {{.name = "http", .container_port = webhook.port}};
  out.volume_mounts = {
      {.name = "config", .mount_path = "/etc/cadence/cadence.yml", .sub_path = "cadence.yml", .read_only = true},
      mount_read_only("store", "/etc/cadence/store"),
      mount("tmp", "/tmp"),
      mount_read_only("api-tokens", kApiTokens),
      mount_read_only("redis", kCachePassword)};
  for (const auto& provider : webhook_providers(context)) {
    out.volume_mounts.push_back(mount_read_only(provider.volume(), provider.directory()));
  }
  if (!webhook.feedback.empty()) out.volume_mounts.push_back(mount_read_only("feedback", kFeedbackSecrets));
  if (has_links(context.spec())) out.volume_mounts.push_back(mount_read_only("links", kLinkKeys));
  if (!webhook.reconcile_deliveries.empty())
    out.volume_mounts.push_back(mount_read_only("reconcile", kReconcileSecrets));
  if (has_tracing_files(webhook.tracing)) out.volume_mounts.push_back(mount_read_only("tracing", kTracingSecrets));
  if (!webhook.clone.credentials_secret_ref.empty())
    out.volume_mounts.push_back(mount_read_only("clone-credentials", kCloneCredentials));
  if (has_spool(context.spec())) out.volume_mounts.push_back(mount("spool", kSpoolVolume));
  out.resources = resources_or(webhook.resources, requests("50m", "64Mi", most_memory(context.spec())));
  // A server that drains answers 503 on /health, so readiness takes it out of the Service; /livez says only that it
  // still runs.
  out.readiness_probe = http_probe("/health", "http", {.period = 2, .timeout = 2, .failures = 2});
  out.liveness_probe = http_probe("/livez", "http", {.period = 10, .timeout = 5, .failures = 6});
  out.security_context = container_security();
  return out;
}

// The server keeps its own bounds; this one makes the kubelet take the pod, and no neighbour, should it ever not. A
// repository's index takes up to a quarter of what was received.
std::string most_on_disk(const api::CadenceClusterSpec& spec) {
  constexpr std::int64_t kGibi = std::int64_t{1} << 30;
  std::int64_t bytes = 0;
  const bool is_too_much = __builtin_mul_overflow(largest_clone(spec) / 4 * 5, spec.webhook.workers, &bytes) ||
                           __builtin_add_overflow(bytes, kCloneCacheBytes + kGibi, &bytes);
  return is_too_much ? "" : std::to_string((bytes - 1) / kGibi) + "Gi";
}

// The server keeps to its bound; the kubelet's is above it, because whoever passes that loses the pod with all it
// holds.
std::string most_spooled(const api::CadenceClusterSpec& spec) {
  constexpr std::int64_t kMebi = std::int64_t{1} << 20;
  return std::to_string(webhook_spool_bytes(spec) / kMebi / 4 * 5 + 64) + "Mi";
}

types::PodTemplateSpec pod_template(const Context& context) {
  types::PodTemplateSpec out;
  out.metadata.labels = names::labels_of(context.name(), kWebhook);
  out.metadata.annotations[names::kConfigHash] = short_hash(webhook_configuration(context));
  auto& spec = out.spec;
  spec.containers = {server_container(context)};
  spec.volumes = {config_volume("config", context.names().webhook()),
                  secret_volume("store", context.mounted(context.names().postgres_app())),
                  empty_dir("tmp", false, most_on_disk(context.spec())), tokens_volume(context), cache_volume(context)};
  for (const auto& provider : webhook_providers(context)) spec.volumes.push_back(provider_volume(context, provider));
  if (const auto& entries = context.spec().webhook.feedback; !entries.empty())
    spec.volumes.push_back(openings_volume(context, "feedback", entries));
  if (const auto& entries = context.spec().webhook.reconcile_deliveries; !entries.empty())
    spec.volumes.push_back(openings_volume(context, "reconcile", entries));
  if (has_links(context.spec())) spec.volumes.push_back(links_volume(context));
  if (const auto& tracing = context.spec().webhook.tracing; has_tracing_files(tracing))
    spec.volumes.push_back(
        files_volume(context, "tracing", {{"headers", tracing.headers_secret_ref}, {"ca", tracing.ca_secret_ref}}));
  if (const auto& secret = context.spec().webhook.clone.credentials_secret_ref; !secret.empty())
    spec.volumes.push_back(credentials_volume(context.mounted(secret)));
  spec.termination_grace_period_seconds = 60;
  if (has_spool(context.spec())) {
    spec.volumes.push_back(empty_dir("spool", false, most_spooled(context.spec())));
    *spec.termination_grace_period_seconds += kSpoolDrainSeconds;
  }
  spec.security_context = pod_security(kWebhookUser);
  spec.topology_spread_constraints = {spread_over_nodes(names::selector_of(context.name(), kWebhook), true)};
  spec.service_account_name = context.names().webhook();
  spec.automount_service_account_token = false;
  spec.enable_service_links = false;
  merge_pod_template(context.spec().pod_template, names::selector_of(context.name(), kWebhook), out.metadata, spec);
  return out;
}

std::string marks_of(const std::map<std::string, std::string>& uids) {
  std::string out;
  for (const auto& [name, uid] : uids) out += (out.empty() ? "" : ",") + name + "=" + uid;
  return out;
}

}  // namespace

types::Deployment build_webhook_deployment(const Context& context) {
  types::Deployment out;
  out.metadata = child_metadata(context, context.names().webhook(), kWebhook);
  const auto& webhook = context.spec().webhook;
  out.spec.replicas = webhook.autoscaling ? context.held_webhook_replicas : std::optional(webhook.replicas);
  if (out.spec.replicas) out.metadata.annotations[names::kReplicasAnnotation] = std::to_string(*out.spec.replicas);
  if (!context.mounted_uids.empty())
    out.metadata.annotations[names::kMountedAnnotation] = marks_of(context.mounted_uids);
  out.spec.selector.match_labels = names::selector_of(context.name(), kWebhook);
  out.spec.template_ = pod_template(context);
  // A new pod serves before an old one goes.
  out.spec.strategy.type = "RollingUpdate";
  out.spec.strategy.rolling_update = types::RollingUpdate{.max_unavailable = 0, .max_surge = 1, .partition = {}};
  out.spec.revision_history_limit = 3;
  return out;
}

}  // namespace cadence::resources
