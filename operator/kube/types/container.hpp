// What runs inside a pod: containers, their environment, mounts, probes and security context.
// Only the fields we set or read. An optional member is one where zero or false differs from "not said". Resources and
// port references (a number or a name) stay JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "json/fields.hpp"

namespace cadence::kube::types {

struct KeySelector {  // secretKeyRef, configMapKeyRef
  std::string name, key;
  std::optional<bool> optional;
  static json::Object json_fields();
};

struct ObjectFieldSelector {
  std::string field_path;
  static json::Object json_fields();
};

struct EnvVarSource {
  std::optional<KeySelector> secret_key_ref, config_map_key_ref;
  std::optional<ObjectFieldSelector> field_ref;
  static json::Object json_fields();
};

struct EnvVar {
  std::string name, value;
  std::optional<EnvVarSource> value_from;
  static json::Object json_fields();
};

struct ContainerPort {
  std::string name;
  std::int32_t container_port = 0;
  std::string protocol = "TCP";  // said always: it is part of the list's key
  static json::Object json_fields();
};

struct VolumeMount {
  std::string name, mount_path, sub_path;
  std::optional<bool> read_only;
  static json::Object json_fields();
};

struct HttpHeader {
  std::string name, value;
  static json::Object json_fields();
};

struct HttpGetAction {
  std::string path;
  json::Value port;
  std::string scheme;
  std::vector<HttpHeader> http_headers;
  static json::Object json_fields();
};

struct ExecAction {
  std::vector<std::string> command;
  static json::Object json_fields();
};

struct TcpSocketAction {
  json::Value port;
  static json::Object json_fields();
};

struct Probe {
  std::optional<HttpGetAction> http_get;
  std::optional<ExecAction> exec;
  std::optional<TcpSocketAction> tcp_socket;
  std::optional<std::int32_t> initial_delay_seconds, period_seconds, timeout_seconds, failure_threshold,
      success_threshold;
  static json::Object json_fields();
};

struct LifecycleHandler {
  std::optional<ExecAction> exec;
  std::optional<HttpGetAction> http_get;
  static json::Object json_fields();
};

struct Lifecycle {
  std::optional<LifecycleHandler> pre_stop, post_start;
  static json::Object json_fields();
};

struct Capabilities {
  std::vector<std::string> add, drop;
  static json::Object json_fields();
};

struct SeccompProfile {
  std::string type = "RuntimeDefault";
  static json::Object json_fields();
};

struct SecurityContext {
  std::optional<bool> allow_privilege_escalation, read_only_root_filesystem, run_as_non_root, privileged;
  std::optional<std::int64_t> run_as_user, run_as_group;
  std::optional<Capabilities> capabilities;
  std::optional<SeccompProfile> seccomp_profile;
  static json::Object json_fields();
};

struct Container {
  std::string name, image, image_pull_policy;
  std::vector<std::string> command, args;
  std::vector<EnvVar> env;
  std::vector<ContainerPort> ports;
  std::vector<VolumeMount> volume_mounts;
  json::Value resources;
  std::optional<Probe> startup_probe, liveness_probe, readiness_probe;
  std::optional<Lifecycle> lifecycle;
  std::optional<SecurityContext> security_context;
  std::string restart_policy;  // "Always" on an init container makes it a sidecar
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
