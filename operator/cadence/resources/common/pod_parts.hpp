// Pieces that every pod of ours is made of: restricted security, volumes, environment, probes, spreading, the user's
// podTemplate.
#pragma once

#include "cadence/resources/common/labels.hpp"
#include "kube/types/pod.hpp"

namespace cadence::resources {

// The numeric users of the images.
inline constexpr std::int64_t kWebhookUser = 1000, kHaproxyUser = 99, kPostgresUser = 999, kRedisUser = 999;
inline constexpr std::int32_t kSecretFileMode = 0440;  // read by root and by our group, which the kubelet sets

// What the "restricted" Pod Security standard asks for.
kube::types::PodSecurityContext pod_security(std::int64_t user);
kube::types::SecurityContext container_security();

kube::types::Volume empty_dir(const std::string& name, bool in_memory = false, const std::string& limit = {});
kube::types::Volume secret_volume(const std::string& name, const std::string& secret);
kube::types::Volume config_volume(const std::string& name, const std::string& config_map);
kube::types::VolumeMount mount(const std::string& volume, const std::string& path);
kube::types::VolumeMount mount_read_only(const std::string& volume, const std::string& path);

kube::types::EnvVar env(const std::string& name, const std::string& value);
kube::types::EnvVar env_from_field(const std::string& name, const std::string& field_path);

struct ProbeTiming {
  int period, timeout, failures;
};
kube::types::Probe http_probe(const std::string& path, const json::Value& port, ProbeTiming timing);

// The user's resources, or `fallback` when the spec says nothing.
json::Value resources_or(const api::ResourceRequirements& wanted, const json::Value& fallback);
json::Value requests(const std::string& cpu, const std::string& memory, const std::string& memory_limit = {});

// One pod a node where that is possible, still schedulable where it is not. `per_revision` counts each rollout on its
// own.
json::Value spread_over_nodes(const Labels& selector, bool per_revision);
// Affinity: rather not on a node with one of these.
json::Value apart_from(const Labels& selector);

// spec.podTemplate over what we built: labels and annotations of ours win, spread constraints of the user replace ours
// and speak of the pods of `selector` where they say nothing else, since one template serves all components.
void merge_pod_template(const api::PodTemplate& wanted, const Labels& selector, kube::core::ObjectMeta& metadata,
                        kube::types::PodSpec& spec);

}  // namespace cadence::resources
