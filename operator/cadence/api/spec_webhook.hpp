// The webhook servers' and the load balancer's part of the spec.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "json/fields.hpp"

namespace cadence::api {

struct ResourceRequirements {
  std::map<std::string, json::Quantity> requests, limits;
  static json::Object json_fields();
};

struct SecretKeyReference {
  std::string name, key;
  static json::Object json_fields();
};

struct Images {
  std::string webhook, postgres, redis, haproxy, nginx, agent;
  static json::Object json_fields();
};

struct WebhookSecret {
  SecretKeyReference secret_ref;
  std::vector<std::string> repositories;  // empty: all; "owner/name" or "owner/*"
  static json::Object json_fields();
};

struct WebhookSecrets {
  std::vector<WebhookSecret> github, gitlab, gitea, forgejo, gogs, bitbucket, bitbucket_server, azure_devops, standard;
  static json::Object json_fields();
};

// By the names of the fields, which the servers know them by as well.
std::vector<std::pair<std::string, const std::vector<WebhookSecret>*>> secrets_by_sender(const WebhookSecrets& secrets);

struct Autoscaling {
  std::int32_t min_replicas = 2, max_replicas = 10, target_cpu_utilization_percentage = 70;
  static json::Object json_fields();
};

struct IngestSpec {
  std::int64_t max_body_bytes = 27262976;
  std::string ack_deadline = "8s";
  std::string in_flight_bytes = "256Mi";
  std::string on_database_unavailable = "Reject";  // Reject | SpoolDisk
  std::string dedupe_retention = "336h";
  static json::Object json_fields();
};

struct SpoolSpec {
  std::string size = "1Gi";
  static json::Object json_fields();
};

struct CloneSpec {
  std::vector<std::string> allowed_hosts;
  bool allow_private_networks = false;
  std::string credentials_secret_ref;
  std::string timeout = "120s";
  std::string max_repository_bytes = "2Gi";
  std::string max_memory_bytes = "192Mi";
  static json::Object json_fields();
};

struct Thresholds {
  std::optional<std::int64_t> suspicious_additions, suspicious_deletions, min_time_delta_seconds, max_files_per_commit,
      min_commit_size_ratio;
  std::optional<double> max_additions_per_min, max_deletions_per_min, max_addition_ratio, min_deletion_ratio;
  std::optional<bool> enable_precision_analysis;
  static json::Object json_fields();
};

struct DetectionSpec {
  std::string profile = "corrected";
  std::string quartiles;  // empty: as the profile says
  Thresholds thresholds;
  std::map<std::string, bool> strategies;
  std::vector<std::string> exclude_files;
  static json::Object json_fields();
};

struct RetentionSpec {
  std::string results = "720h";
  static json::Object json_fields();
};

// One provider's API, what opens it, and whose hooks are looked at there. Without a token and an App: what
// spec.webhook.feedback has for it.
struct ReconcileDeliveries {
  std::string provider;
  std::string api_url;
  std::vector<std::string> of;  // "owner/name", "owner/*"; empty: the App's own hook
  std::string hook_url;
  std::int64_t hook_id = 0;  // 0: found by its URL
  std::optional<SecretKeyReference> token_secret_ref, app_secret_ref, ca_secret_ref;
  std::string app_id;
  static json::Object json_fields();
};

// One provider's API, what opens it, and the repositories whose commits get statuses there.
struct Feedback {
  std::string provider;
  std::string api_url;
  std::optional<SecretKeyReference> token_secret_ref, app_secret_ref, ca_secret_ref;
  std::string app_id;
  std::vector<std::string> repositories;  // empty: all; "owner/name" or "owner/*"
  std::optional<double> fail_above;
  static json::Object json_fields();
};

// The entry of `feedback` whose token or App opens the API of this one, where it has none of its own; its place.
std::optional<std::size_t> feedback_for(const ReconcileDeliveries& entry, const std::vector<Feedback>& feedback);

struct WebhookApi {
  std::string access = "Token";  // Token | Internal | Open
  std::int64_t requests_per_minute = 0;
  std::vector<std::string> cors_origins;
  static json::Object json_fields();
};

// Links to the pages of the servers, for whoever has no token.
struct WebhookLinks {
  std::string public_url;  // empty: there are none
  std::int32_t valid_days = 30;
  static json::Object json_fields();
};

// Where spans of deliveries and their jobs go.
struct WebhookTracing {
  std::string endpoint;  // empty: nowhere
  std::optional<SecretKeyReference> headers_secret_ref, ca_secret_ref;
  double sample_ratio = 1;
  static json::Object json_fields();
};

struct WebhookSpec {
  std::int32_t replicas = 3;
  std::int32_t port = 8000;
  std::int32_t workers = 4;
  ResourceRequirements resources;
  std::optional<Autoscaling> autoscaling;
  WebhookSecrets secrets;
  WebhookApi api;
  WebhookLinks links;
  std::int64_t queue_capacity = 1000000;
  IngestSpec ingest;
  SpoolSpec spool;
  CloneSpec clone;
  DetectionSpec detection;
  RetentionSpec retention;
  std::vector<Feedback> feedback;
  std::vector<ReconcileDeliveries> reconcile_deliveries;
  WebhookTracing tracing;
  static json::Object json_fields();
};

struct LoadBalancerTimeouts {
  std::string connect = "5s", client = "50s", server = "50s";
  static json::Object json_fields();
};

struct HealthCheck {
  std::string path = "/health", interval = "2s";
  std::int32_t fall = 3, rise = 2;
  static json::Object json_fields();
};

struct LoadBalancerTls {
  std::string secret_name;
  bool self_signed = true;
  static json::Object json_fields();
};

struct LoadBalancerStats {
  bool enabled = true;
  std::int32_t port = 8404;
  static json::Object json_fields();
};

struct RateLimit {
  std::int32_t requests_per_second = 100, connections_per_source = 2048;
  static json::Object json_fields();
};

struct NodePorts {
  std::int32_t http = 0, https = 0;
  static json::Object json_fields();
};

struct LoadBalancerService {
  std::string type = "ClusterIP";
  std::map<std::string, std::string> annotations;
  std::vector<std::string> load_balancer_source_ranges;
  NodePorts node_ports;
  static json::Object json_fields();
};

struct LoadBalancerSpec {
  std::string type = "HAProxy";  // HAProxy | Nginx | None
  std::int32_t replicas = 2;
  std::string algorithm = "RoundRobin";
  std::int32_t max_connections = 4096;
  LoadBalancerTimeouts timeouts;
  HealthCheck health_check;
  bool redirect_http = true;
  LoadBalancerTls tls;
  LoadBalancerStats stats;
  RateLimit rate_limit;
  LoadBalancerService service;
  static json::Object json_fields();
};

}  // namespace cadence::api
