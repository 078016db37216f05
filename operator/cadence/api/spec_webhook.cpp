#include "cadence/api/spec_webhook.hpp"

#include "cadence/api/object_keys.hpp"
#include "cadence/api/patterns.hpp"
#include "cadence/api/webhook_checks.hpp"

namespace cadence::api {

using json::field;

json::Object ResourceRequirements::json_fields() {
  return {.name = "ResourceRequirements",
          .fields = {field<&ResourceRequirements::requests>("requests", "What the scheduler reserves.").items(0, 16),
                     field<&ResourceRequirements::limits>("limits", "What the kubelet enforces.").items(0, 16)},
          .rules = {}};
}

json::Object SecretKeyReference::json_fields() {
  return {.name = "SecretKeyReference",
          .fields = {field<&SecretKeyReference::name>("name", "Name of a Secret in the same namespace.")
                         .length(1, 253)
                         .pattern(kNamePattern)
                         .required(),
                     field<&SecretKeyReference::key>("key", "Key inside the Secret.")
                         .length(1, 253)
                         .pattern(kSecretKeyPattern)
                         .required()},
          .rules = {}};
}

json::Object Images::json_fields() {
  return {
      .name = "Images",
      .fields = {field<&Images::webhook>("webhook", "Image of the webhook server. Empty: the operator's own release.")
                     .length(0, 512),
                 field<&Images::postgres>("postgres", "Image with PostgreSQL and cadence-agent.").length(0, 512),
                 field<&Images::redis>("redis", "Image with Redis and cadence-agent.").length(0, 512),
                 field<&Images::haproxy>("haproxy", "Image with HAProxy and cadence-agent.").length(0, 512),
                 field<&Images::nginx>("nginx", "Image with Nginx.").length(0, 512),
                 field<&Images::agent>("agent", "Image that holds cadence-agent alone.").length(0, 512)},
      .rules = {}};
}

json::Object WebhookSecret::json_fields() {
  return {.name = "WebhookSecret",
          .fields = {field<&WebhookSecret::secret_ref>("secretRef", "Where the shared secret lies.").required(),
                     field<&WebhookSecret::repositories>(
                         "repositories", "Repositories it is valid for, as owner/name or owner/*. Empty: all.")
                         .items(0, 100)},
          .rules = {}};
}

json::Object WebhookSecrets::json_fields() {
  return {
      .name = "WebhookSecrets",
      .fields =
          {field<&WebhookSecrets::github>(
               "github", "GitHub secrets; several at once let a secret be rotated. Empty: one is generated.")
               .items(0, 16),
           field<&WebhookSecrets::gitlab>("gitlab", "GitLab secret tokens, and signing tokens (whsec_…).").items(0, 16),
           field<&WebhookSecrets::gitea>("gitea", "Gitea secrets.").items(0, 16),
           field<&WebhookSecrets::forgejo>("forgejo", "Forgejo secrets.").items(0, 16),
           field<&WebhookSecrets::gogs>("gogs", "Gogs secrets.").items(0, 16),
           field<&WebhookSecrets::bitbucket>("bitbucket", "Secrets of Bitbucket Cloud.").items(0, 16),
           field<&WebhookSecrets::bitbucket_server>("bitbucketServer", "Secrets of Bitbucket Data Center.")
               .items(0, 16),
           field<&WebhookSecrets::azure_devops>(
               "azureDevOps", "User and password of Azure DevOps, as user:password, or a password for any user.")
               .items(0, 16),
           field<&WebhookSecrets::standard>(
               "standard", "Standard Webhooks: whsec_… for signatures v1, the public key whpk_… for v1a.")
               .items(0, 16)},
      .rules = {}};
}

std::vector<std::pair<std::string, const std::vector<WebhookSecret>*>> secrets_by_sender(
    const WebhookSecrets& secrets) {
  return {{"github", &secrets.github},
          {"gitlab", &secrets.gitlab},
          {"gitea", &secrets.gitea},
          {"forgejo", &secrets.forgejo},
          {"gogs", &secrets.gogs},
          {"bitbucket", &secrets.bitbucket},
          {"bitbucketServer", &secrets.bitbucket_server},
          {"azureDevOps", &secrets.azure_devops},
          {"standard", &secrets.standard}};
}

json::Object Autoscaling::json_fields() {
  return {.name = "Autoscaling",
          .fields = {field<&Autoscaling::min_replicas>("minReplicas", "Fewest webhook servers.").range(1, 100),
                     field<&Autoscaling::max_replicas>("maxReplicas", "Most webhook servers.").range(1, 100),
                     field<&Autoscaling::target_cpu_utilization_percentage>("targetCPUUtilizationPercentage",
                                                                            "Mean CPU use of the request to aim at.")
                         .range(1, 100)},
          .rules = {{"self.minReplicas <= self.maxReplicas", "minReplicas must not exceed maxReplicas", ""}}};
}

json::Object IngestSpec::json_fields() {
  return {.name = "IngestSpec",
          .fields = {field<&IngestSpec::max_body_bytes>("maxBodyBytes",
                                                        "Largest delivery accepted; GitHub sends up to 25 MiB.")
                         .range(1024, 1073741824),
                     field<&IngestSpec::ack_deadline>(
                         "ackDeadline",
                         "Longest wait for the durable commit; then what onDatabaseUnavailable says. Senders wait 10s.")
                         .length(1, 32)
                         .pattern(kDurationPattern)
                         .rule(duration_rule(kAckDeadline), bounds_message(kAckDeadline)),
                     field<&IngestSpec::in_flight_bytes>("inFlightBytes", "Bodies held in memory at once by a replica.")
                         .length(1, 32)
                         .pattern(kSizePattern)
                         .rule(size_rule(kInFlightBytes), bounds_message(kInFlightBytes)),
                     field<&IngestSpec::on_database_unavailable>(
                         "onDatabaseUnavailable",
                         "Reject answers 503; few senders try again by themselves. SpoolDisk keeps signed deliveries "
                         "on the disk of the pod that took them (an emptyDir), answers 202, and gives them to the "
                         "database when it is back. They outlive every restart of the container, not the pod: a pod "
                         "that is deleted waits up to 9 minutes until the database has them; what is spooled is lost "
                         "with its node, on eviction, and when the pod is deleted by force or that time is over. "
                         "SpoolRedis is not built yet.")
                         .one_of({"Reject", "SpoolDisk"})
                         .length(1, 32),
                     field<&IngestSpec::dedupe_retention>("dedupeRetention", "How long delivery ids are remembered.")
                         .length(1, 32)
                         .pattern(kDurationPattern)
                         .rule(duration_rule(kRetention), bounds_message(kRetention))},
          .rules = {{"quantity(self.inFlightBytes).asApproximateFloat() >= double(self.maxBodyBytes)",
                     "inFlightBytes must not be less than maxBodyBytes: no delivery of that size could be read",
                     ".inFlightBytes"}}};
}

json::Object SpoolSpec::json_fields() {
  return {.name = "SpoolSpec",
          .fields = {field<&SpoolSpec::size>("size",
                                             "Most that a pod spools, a delivery taking about 1Ki and, where it comes "
                                             "alone, 4Ki; at least 1Mi. Full: 503.")
                         .length(1, 32)
                         .pattern(kSizePattern)
                         .rule(size_rule(kSpoolBytes), bounds_message(kSpoolBytes))},
          .rules = {}};
}

json::Object CloneSpec::json_fields() {
  return {.name = "CloneSpec",
          .fields = {field<&CloneSpec::allowed_hosts>(
                         "allowedHosts", "Hosts that may be cloned from although their addresses are private.")
                         .items(0, 100),
                     field<&CloneSpec::allow_private_networks>("allowPrivateNetworks", "Allow every private address."),
                     field<&CloneSpec::credentials_secret_ref>(
                         "credentialsSecretRef",
                         "Secret with credentials for private repositories: under any key, lines as in git's "
                         "credential store, https://user:password@host, or an SSH private key without passphrase; "
                         "under known_hosts the keys of SSH servers, as ssh-keyscan prints them; under any key "
                         "certificates (PEM) of authorities whose servers https trusts as well.")
                         .length(0, 253)
                         .pattern(kNamePattern),
                     field<&CloneSpec::timeout>("timeout", "Longest clone.")
                         .length(1, 32)
                         .pattern(kDurationPattern)
                         .rule(duration_rule(kCloneTimeout), bounds_message(kCloneTimeout)),
                     field<&CloneSpec::max_repository_bytes>("maxRepositoryBytes", "Largest clone.")
                         .length(1, 32)
                         .pattern(kSizePattern)
                         .rule(size_rule(kCloneBytes), bounds_message(kCloneBytes)),
                     field<&CloneSpec::max_memory_bytes>(
                         "maxMemoryBytes",
                         "Most memory of each process that fetches and unpacks a repository. The container's own limit "
                         "has room for one in each worker, unless resources says another.")
                         .length(1, 32)
                         .pattern(kSizePattern)
                         .rule(size_rule(kCloneMemory), bounds_message(kCloneMemory))},
          .rules = {}};
}

json::Object Thresholds::json_fields() {
  return {
      .name = "Thresholds",
      .fields = {field<&Thresholds::suspicious_additions>("suspiciousAdditions", "Default 500; 0 switches a check off.")
                     .at_least(0),
                 field<&Thresholds::suspicious_deletions>("suspiciousDeletions", "Default 1000.").at_least(0),
                 field<&Thresholds::max_additions_per_min>("maxAdditionsPerMin", "Default 100.").at_least(0),
                 field<&Thresholds::max_deletions_per_min>("maxDeletionsPerMin", "Default 500.").at_least(0),
                 field<&Thresholds::min_time_delta_seconds>("minTimeDeltaSeconds", "Default 60.").at_least(0),
                 field<&Thresholds::max_files_per_commit>("maxFilesPerCommit", "Default 50.").at_least(0),
                 field<&Thresholds::max_addition_ratio>("maxAdditionRatio", "Default 0.95.").range(0, 1),
                 field<&Thresholds::min_deletion_ratio>("minDeletionRatio", "Default 0.95.").range(0, 1),
                 field<&Thresholds::min_commit_size_ratio>("minCommitSizeRatio", "Default 100.").at_least(0),
                 field<&Thresholds::enable_precision_analysis>("enablePrecisionAnalysis", "Default true.")},
      .rules = {}};
}

json::Object DetectionSpec::json_fields() {
  return {
      .name = "DetectionSpec",
      .fields = {field<&DetectionSpec::profile>("profile",
                                                "corrected mends upstream's known defects; upstream reproduces them.")
                     .one_of({"corrected", "upstream"})
                     .length(1, 16),
                 field<&DetectionSpec::quartiles>("quartiles", "sorted, unsorted, or empty for what the profile says.")
                     .one_of({"", "sorted", "unsorted"})
                     .length(0, 16),
                 field<&DetectionSpec::thresholds>("thresholds", "Limits of the strategies."),
                 field<&DetectionSpec::strategies>("strategies", "Strategies switched on or off by name.").items(0, 64),
                 field<&DetectionSpec::exclude_files>("excludeFiles", "Shell patterns of files that do not count.")
                     .items(0, 200)},
      .rules = {}};
}

json::Object RetentionSpec::json_fields() {
  return {.name = "RetentionSpec",
          .fields = {field<&RetentionSpec::results>("results", "How long finished jobs are kept.")
                         .length(1, 32)
                         .pattern(kDurationPattern)
                         .rule(duration_rule(kRetention), bounds_message(kRetention))},
          .rules = {}};
}

json::Object WebhookSpec::json_fields() {
  return {
      .name = "WebhookSpec",
      .fields =
          {field<&WebhookSpec::replicas>("replicas", "Number of webhook servers; the scale subresource points here.")
               .range(0, 100),
           field<&WebhookSpec::port>("port", "Port of the container.").range(1024, 65535),
           field<&WebhookSpec::workers>("workers", "Analyses at once in a replica.").range(1, 64),
           field<&WebhookSpec::resources>("resources", "Requests and limits."),
           field<&WebhookSpec::autoscaling>("autoscaling", "A HorizontalPodAutoscaler; replicas is then left alone."),
           field<&WebhookSpec::secrets>("secrets", "Secrets of the senders."),
           field<&WebhookSpec::api>("api",
                                    "The interface for people and programs: /jobs, /api, /pages and /ready/deep."),
           field<&WebhookSpec::links>("links", "Signed links to single jobs, for whoever has no token."),
           field<&WebhookSpec::queue_capacity>(
               "queueCapacity",
               "Pushes that may wait for their analysis; each takes about 1Ki of the database. Further ones get "
               "503.")
               .range(1, 100000000),
           field<&WebhookSpec::ingest>("ingest", "How deliveries are taken in."),
           field<&WebhookSpec::spool>("spool", "For spec.webhook.ingest.onDatabaseUnavailable: SpoolDisk."),
           field<&WebhookSpec::clone>("clone", "How repositories are fetched."),
           field<&WebhookSpec::detection>("detection", "Thresholds and strategies of the analysis."),
           field<&WebhookSpec::retention>("retention", "What is kept how long."),
           field<&WebhookSpec::feedback>("feedback",
                                         "Senders are told, by a status of the commit or a check run, that its "
                                         "analysis waits and what it found.")
               .items(0, 16),
           field<&WebhookSpec::reconcile_deliveries>("reconcileDeliveries",
                                                     "What GitHub and GitLab say they have sent is compared with what "
                                                     "was taken, and what is missing is asked for again: when "
                                                     "servers start, after a failover, and every five minutes.")
               .items(0, 16),
           field<&WebhookSpec::tracing>("tracing",
                                        "A push is one trace (OpenTelemetry), from its sender's to the status that it "
                                        "gets; where its spans go.")},
      .rules = {}};
}

json::Object LoadBalancerTimeouts::json_fields() {
  return {.name = "LoadBalancerTimeouts",
          .fields = {field<&LoadBalancerTimeouts::connect>("connect", "To reach a server.")
                         .length(1, 32)
                         .pattern(kDurationPattern),
                     field<&LoadBalancerTimeouts::client>("client", "Silence of a client.")
                         .length(1, 32)
                         .pattern(kDurationPattern),
                     field<&LoadBalancerTimeouts::server>("server", "Silence of a server.")
                         .length(1, 32)
                         .pattern(kDurationPattern)},
          .rules = {}};
}

json::Object HealthCheck::json_fields() {
  return {
      .name = "HealthCheck",
      .fields = {field<&HealthCheck::path>("path", "Path of the check.").length(1, 256).pattern("^/[-._~/a-zA-Z0-9]*$"),
                 field<&HealthCheck::interval>("interval", "Time between two checks.")
                     .length(1, 32)
                     .pattern(kDurationPattern),
                 field<&HealthCheck::fall>("fall", "Failures in a row that take a server out.").range(1, 100),
                 field<&HealthCheck::rise>("rise", "Successes in a row that bring it back.").range(1, 100)},
      .rules = {}};
}

json::Object LoadBalancerTls::json_fields() {
  return {.name = "LoadBalancerTls",
          .fields = {field<&LoadBalancerTls::secret_name>(
                         "secretName",
                         "Secret of type kubernetes.io/tls. Pods mount a copy of its last pair that could be used, "
                         "<cluster>-lb-tls. Empty: the operator makes one.")
                         .length(0, 253)
                         .pattern(kNamePattern),
                     field<&LoadBalancerTls::self_signed>(
                         "selfSigned", "Let the operator make a certificate when secretName is empty.")},
          .rules = {{"self.selfSigned || size(self.secretName) > 0",
                     "name a Secret in secretName, or set selfSigned to true", ""}}};
}

json::Object LoadBalancerStats::json_fields() {
  return {.name = "LoadBalancerStats",
          .fields = {field<&LoadBalancerStats::enabled>("enabled", "Serve the statistics page inside the cluster."),
                     field<&LoadBalancerStats::port>("port", "Its port.").range(1024, 65535)},
          .rules = {}};
}

json::Object RateLimit::json_fields() {
  return {
      .name = "RateLimit",
      .fields =
          {field<&RateLimit::requests_per_second>(
               "requestsPerSecond",
               "Per source address; of deliveries (/webhooks/) ten times as many, and never fewer than 200. 0 is off.")
               .range(0, 1000000),
           field<&RateLimit::connections_per_source>("connectionsPerSource", "At once from one address; 0 is off.")
               .range(0, 1000000)},
      .rules = {}};
}

json::Object NodePorts::json_fields() {
  return {.name = "NodePorts",
          .fields = {field<&NodePorts::http>("http", "0: any free one.").range(0, 65535),
                     field<&NodePorts::https>("https", "0: any free one.").range(0, 65535)},
          .rules = {{"self.http == 0 || self.http != self.https", "http and https must be different ports", ""}}};
}

json::Object LoadBalancerService::json_fields() {
  return {.name = "LoadBalancerService",
          .fields = {field<&LoadBalancerService::type>("type", "How the Service is reached.")
                         .one_of({"ClusterIP", "NodePort", "LoadBalancer"})
                         .length(1, 16),
                     field<&LoadBalancerService::annotations>("annotations", "Copied to the Service.")
                         .items(0, 64)
                         .rule(kKeysRule, kKeysMessage)
                         .rule(kNoOwnAnnotationsRule, kNoOwnAnnotationsMessage),
                     field<&LoadBalancerService::load_balancer_source_ranges>("loadBalancerSourceRanges",
                                                                              "Networks that may connect.")
                         .items(0, 64),
                     field<&LoadBalancerService::node_ports>("nodePorts", "Fixed node ports.")},
          .rules = {}};
}

json::Object LoadBalancerSpec::json_fields() {
  return {.name = "LoadBalancerSpec",
          .fields = {field<&LoadBalancerSpec::type>("type", "What stands in front of the webhook servers.")
                         .one_of({"HAProxy", "Nginx", "None"})
                         .length(1, 16),
                     field<&LoadBalancerSpec::replicas>("replicas", "Number of load balancer pods.").range(1, 20),
                     field<&LoadBalancerSpec::algorithm>("algorithm", "Which server gets the next request.")
                         .one_of({"RoundRobin", "LeastConnections"})
                         .length(1, 32),
                     field<&LoadBalancerSpec::max_connections>("maxConnections", "Client connections of one pod.")
                         .range(16, 1000000),
                     field<&LoadBalancerSpec::timeouts>("timeouts", "How long silence is borne."),
                     field<&LoadBalancerSpec::health_check>("healthCheck", "How a server is judged."),
                     field<&LoadBalancerSpec::redirect_http>("redirectHTTP",
                                                             "Answer port 80 with 301 to https; false serves both."),
                     field<&LoadBalancerSpec::tls>("tls", "The certificate."),
                     field<&LoadBalancerSpec::stats>("stats", "The statistics page."),
                     field<&LoadBalancerSpec::rate_limit>("rateLimit", "Limits per source address."),
                     field<&LoadBalancerSpec::service>("service", "The Service in front.")},
          .rules = {}};
}

}  // namespace cadence::api
