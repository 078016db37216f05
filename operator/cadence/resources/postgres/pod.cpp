#include "cadence/resources/common/pod_parts.hpp"
#include "cadence/resources/postgres/postgres.hpp"

namespace cadence::resources {

namespace types = kube::types;

namespace {

constexpr const char* kVolumePath = "/var/lib/postgresql";
constexpr const char* kWalPath = "/var/lib/postgresql-wal";
constexpr const char* kAgentPath = "/opt/cadence";

types::VolumeProjection password_file(const std::string& secret, const std::string& file) {
  types::VolumeProjection out;
  out.secret = types::ProjectedReference{
      .name = secret, .items = {{.key = "password", .path = file, .mode = {}}}, .optional = {}};
  return out;
}

// What a rotation of the application's password adds while it is under way.
types::VolumeProjection login_files(const std::string& secret) {
  types::VolumeProjection out;
  out.secret = types::ProjectedReference{.name = secret, .items = {}, .optional = true};
  for (const char* key : {"username", "next-username", "next-password", "retired-username", "serial"}) {
    out.secret->items.push_back({.key = key, .path = std::string("app-") + key, .mode = {}});
  }
  return out;
}

types::Volume passwords_volume(const Context& context) {
  types::ProjectedSource source;
  source.default_mode = kSecretFileMode;
  const auto application = context.mounted(context.names().postgres_app());
  source.sources = {password_file(context.mounted(context.names().postgres_superuser()), "superuser-password"),
                    password_file(context.mounted(context.names().postgres_replication()), "replication-password"),
                    password_file(application, "app-password"), login_files(application)};
  types::Volume out;
  out.name = "passwords";
  out.projected = source;
  return out;
}

types::Volume claimed_volume(const std::string& name, const std::string& claim) {
  types::Volume out;
  out.name = name;
  out.persistent_volume_claim = types::ClaimSource{.claim_name = claim, .read_only = {}};
  return out;
}

std::vector<std::string> agent_arguments(const Context& context, int number) {
  std::vector<std::string> out{"postgres",
                               "--cluster",
                               context.name(),
                               "--instance",
                               context.names().postgres_instance(number),
                               "--data",
                               std::string(kVolumePath) + "/data",
                               "--lease",
                               context.names().postgres(),
                               "--port",
                               "5432",
                               "--http-port",
                               "8008",
                               "--api-port",
                               "8009",
                               "--endpoints",
                               context.names().postgres_rw(),
                               "--secrets",
                               "/etc/cadence/postgres",
                               "--tls",
                               "/etc/cadence/tls",
                               "--lease-duration",
                               context.spec().postgres.lease.duration,
                               "--lease-renew",
                               context.spec().postgres.lease.renew};
  if (number == 1) out.emplace_back("--may-initialize");
  return out;
}

types::Container container(const Context& context, int number) {
  types::Container out;
  out.name = "postgres";
  out.image = context.postgres_image();
  out.image_pull_policy = "IfNotPresent";
  out.command = {context.spec().images.agent.empty() ? "cadence-agent" : std::string(kAgentPath) + "/cadence-agent"};
  out.args = agent_arguments(context, number);
  out.env = {env_from_field("POD_NAME", "metadata.name"), env_from_field("POD_NAMESPACE", "metadata.namespace"),
             env_from_field("POD_IP", "status.podIP"), env_from_field("POD_UID", "metadata.uid")};
  out.ports = {{.name = "postgres", .container_port = 5432},
               {.name = "agent", .container_port = 8008},
               {.name = "agent-api", .container_port = 8009}};
  out.volume_mounts = {mount("data", kVolumePath),
                       mount("run", "/run/postgresql"),
                       mount("tmp", "/tmp"),
                       mount("shm", "/dev/shm"),
                       mount_read_only("passwords", "/etc/cadence/postgres"),
                       mount_read_only("tls", "/etc/cadence/tls"),
                       mount_read_only("config", "/etc/cadence/config")};
  out.resources = resources_or(context.spec().postgres.resources, requests("50m", "128Mi"));
  // The agent answers from its first second on, also through recovery and base backups; it alone judges the database.
  out.startup_probe = http_probe("/livez", "agent", {.period = 2, .timeout = 2, .failures = 60});
  out.liveness_probe = http_probe("/livez", "agent", {.period = 10, .timeout = 5, .failures = 6});
  out.readiness_probe = http_probe("/readyz", "agent", {.period = 2, .timeout = 2, .failures = 3});
  out.security_context = container_security();
  return out;
}

void add_wal_volume(const Context& context, int number, types::PodSpec& spec) {
  spec.volumes.push_back(claimed_volume("wal", context.postgres_wal_claim(number)));
  auto& postgres = spec.containers.front();
  postgres.volume_mounts.push_back(mount("wal", kWalPath));
  postgres.args.insert(postgres.args.end(), {"--wal", kWalPath});
}

// An image that knows nothing of us gets the agent from another one, over a volume.
void bring_agent(const Context& context, types::PodSpec& spec) {
  types::Container bring;
  bring.name = "agent";
  bring.image = context.spec().images.agent;
  bring.image_pull_policy = "IfNotPresent";
  bring.command = {"cadence-agent", "install", kAgentPath};
  bring.volume_mounts = {mount("agent", kAgentPath)};
  bring.resources = requests("10m", "16Mi");
  bring.security_context = container_security();
  spec.init_containers = {bring};
  spec.volumes.push_back(empty_dir("agent"));
  spec.containers.front().volume_mounts.push_back(mount_read_only("agent", kAgentPath));
}

}  // namespace

types::Pod build_postgres_pod(const Context& context, int number) {
  const auto name = context.names().postgres_instance(number);
  types::Pod out;
  out.metadata = child_metadata(context, name, kPostgres);
  // A pod cannot be relabelled into a new release without being drift; the objects around it carry the version.
  out.metadata.labels.erase("app.kubernetes.io/version");
  out.metadata.labels[names::kInstanceNumberLabel] = std::to_string(number);
  auto& spec = out.spec;
  spec.containers = {container(context, number)};
  spec.volumes = {claimed_volume("data", context.postgres_claim(number)),
                  empty_dir("run", true, "16Mi"),
                  empty_dir("tmp"),
                  empty_dir("shm", true, "256Mi"),
                  passwords_volume(context),
                  secret_volume("tls", context.mounted(context.names().postgres_tls())),
                  config_volume("config", context.names().postgres())};
  spec.security_context = pod_security(kPostgresUser);
  spec.topology_spread_constraints = {spread_over_nodes(names::selector_of(context.name(), kPostgres), false)};
  spec.service_account_name = context.names().postgres();
  spec.automount_service_account_token = true;
  spec.enable_service_links = false;
  spec.termination_grace_period_seconds = 60;
  spec.hostname = name;
  spec.subdomain = context.names().postgres();
  spec.restart_policy = "Always";
  if (!context.spec().postgres.storage.wal_size.empty()) add_wal_volume(context, number, spec);
  if (!context.spec().images.agent.empty()) bring_agent(context, spec);
  merge_pod_template(context.spec().pod_template, names::selector_of(context.name(), kPostgres), out.metadata, spec);
  return out;
}

}  // namespace cadence::resources
