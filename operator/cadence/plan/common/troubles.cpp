#include "cadence/plan/common/troubles.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "cadence/plan/common/refusals.hpp"
#include "cadence/resources/common/labels.hpp"

namespace cadence::plan {
namespace {

using kube::types::ContainerStatus;
using kube::types::Pod;

// New pods and volumes get their place, their images and their mounts within this time; longer needs a word.
constexpr std::chrono::seconds kPatience{15};
// A provisioner of a cloud may take this long for a volume.
constexpr std::chrono::seconds kSlow{60};

// Trouble of one object; those of a kind, a text and an advice are told together.
struct Trouble {
  std::string reason;      // CamelCase, of the condition
  std::string kind, name;  // whose
  std::string text;        // follows the name: " cannot be scheduled: …"
  std::string advice;      // a whole sentence
};

std::string component_of(const kube::core::ObjectMeta& metadata) {
  const auto found = metadata.labels.find(names::kComponentLabel);
  return found == metadata.labels.end() ? "" : found->second;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The kubelet's words end with a full stop or without one.
std::string without_stop(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ' || text.back() == '\n')) text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// A volume's class is the cluster's for good, so another name comes last.
std::string class_advice(const std::string& field) {
  return "Make it, or the volumes, or delete the CadenceCluster and its PersistentVolumeClaims and create it with "
         "another " +
         field + ".storage.storageClassName.";
}

std::string scheduling_advice(const std::string& said, const std::string& field) {
  const auto volumes = "Check that StorageClass and provisioner of " + field + ".storage.storageClassName are there.";
  const std::array<std::pair<const char*, std::string>, 9> table{{
      {"Insufficient", "Lower " + field + ".resources.requests, or add a node with room."},
      {"volume node affinity conflict",
       "Its volume lies on a node that cannot take the pod: bring that node back or make room on it."},
      {"unbound immediate PersistentVolumeClaims", volumes},
      {"binding volumes", volumes},
      {"available persistent volumes to bind",
       "Make a PersistentVolume for it: StorageClass " + field + ".storage.storageClassName makes none by itself."},
      {"node affinity/selector", "Change spec.podTemplate.nodeSelector or spec.podTemplate.affinity, or label a node."},
      {"untolerated taint", "Add to spec.podTemplate.tolerations, or remove the taint."},
      {"topology spread", "Change spec.podTemplate.topologySpreadConstraints, or add a node."},
      {"anti-affinity", "Change spec.podTemplate.affinity, or add a node."},
  }};
  std::string out;
  for (const auto& [part, advice] : table) {
    if (holds(said, part)) out += (out.empty() ? "" : " ") + advice;
  }
  if (holds(said, "were unschedulable"))
    out += (out.empty() ? "" : " ") + std::string("Uncordon a node (kubectl uncordon).");
  return out.empty() ? "Change spec.podTemplate or the nodes." : out;
}

const kube::types::PodCondition* unscheduled(const Pod& pod) {
  for (const auto& condition : pod.status.conditions) {
    if (condition.type == "PodScheduled" && condition.status == "False") return &condition;
  }
  return nullptr;
}

bool is_older_than(const std::string& since, std::chrono::seconds age, base::Wall now) {
  return !since.empty() && now - base::parse_rfc3339(since) >= age;
}

bool is_about_image(const std::string& reason) {
  static const std::set<std::string> reasons{"ErrImagePull",      "ImagePullBackOff",  "InvalidImageName",
                                             "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable"};
  return reasons.contains(reason);
}

std::string image_field(const api::CadenceClusterSpec& spec, const std::string& image) {
  const std::pair<const char*, const std::string&> fields[] = {{"webhook", spec.images.webhook},
                                                               {"postgres", spec.images.postgres},
                                                               {"redis", spec.images.redis},
                                                               {"haproxy", spec.images.haproxy}};
  for (const auto& [name, value] : fields) {
    if (value == image) return "spec.images." + std::string(name);
  }
  return "spec.images";
}

// Of the container of that name as the pod's spec has it: the status may name the image in another way.
std::string image_of(const Pod& pod, const std::string& container) {
  for (const auto* list : {&pod.spec.init_containers, &pod.spec.containers}) {
    for (const auto& candidate : *list) {
      if (candidate.name == container) return candidate.image;
    }
  }
  return {};
}

std::string end_of(const ContainerStatus& container) {
  const auto& end = container.last_state.terminated ? container.last_state.terminated : container.state.terminated;
  if (!end) return "";
  std::string out = ": exit code " + std::to_string(end->exit_code);
  if (!end->reason.empty() && end->reason != "Error") out += ", " + end->reason;
  return end->message.empty() ? out : out + ", " + without_stop(end->message);
}

Trouble of_ending_container(const Pod& pod, const ContainerStatus& container, const std::string& field) {
  Trouble out{"ContainerFailed", "Pod", pod.metadata.name,
              " does not stay up, container " + container.name + " ends again and again" + end_of(container), ""};
  const bool is_out_of_memory =
      container.last_state.terminated && container.last_state.terminated->reason == "OOMKilled";
  out.advice = is_out_of_memory
                   ? "Raise " + field + ".resources.limits.memory."
                   : "Its log says why: kubectl logs " + pod.metadata.name + " -c " + container.name + " --previous.";
  return out;
}

// Nothing for a container that is only on its way.
std::optional<Trouble> of_container(const api::CadenceClusterSpec& spec, const Pod& pod,
                                    const ContainerStatus& container) {
  if (!container.state.waiting) return std::nullopt;
  const auto& waiting = *container.state.waiting;
  const auto field = field_of(component_of(pod.metadata));
  if (waiting.reason.empty() || waiting.reason == "ContainerCreating" || waiting.reason == "PodInitializing")
    return std::nullopt;
  if (waiting.reason == "CrashLoopBackOff") return of_ending_container(pod, container, field);
  const auto image = image_of(pod, container.name);
  if (is_about_image(waiting.reason)) {
    return Trouble{"ImageNotPulled", "Pod", pod.metadata.name,
                   " cannot get the image \"" + image + "\" (" + waiting.reason + "): " + without_stop(waiting.message),
                   "Correct " + image_field(spec, image) + ", or make the image available to the node."};
  }
  return Trouble{
      "ContainerNotStarted", "Pod", pod.metadata.name,
      " cannot start container " + container.name + " (" + waiting.reason + "): " + without_stop(waiting.message), ""};
}

std::vector<const ContainerStatus*> containers_of(const Pod& pod) {
  std::vector<const ContainerStatus*> out;
  for (const auto* list : {&pod.status.init_container_statuses, &pod.status.container_statuses}) {
    for (const auto& container : *list) out.push_back(&container);
  }
  return out;
}

std::optional<Trouble> of_warning(const facts::Observation& observation, const facts::ChildId& id,
                                  const std::string& reason, const std::string& text, const std::string& advice) {
  const auto warning = observation.warnings.find(id);
  if (warning == observation.warnings.end()) return std::nullopt;
  return Trouble{reason, id.kind, id.name, text + ": " + without_stop(warning->second), advice};
}

// Kubernetes takes these off by itself: what they wait for has its own word, or is on its way.
bool is_passing(const std::string& finalizer) {
  return finalizer == "foregroundDeletion" || finalizer == "orphan" || finalizer == "kubernetes.io/pvc-protection";
}

// Its name is free, for another one, when nobody holds it any more. `meanwhile`: what that means until then.
std::optional<Trouble> of_held(const facts::ChildId& id, const kube::core::ObjectMeta& metadata,
                               const std::string& meanwhile, base::Wall now, Plan& plan) {
  auto finalizers = metadata.finalizers;
  std::erase_if(finalizers, is_passing);
  if (finalizers.empty()) return std::nullopt;
  if (!is_older_than(metadata.deletion_timestamp, kPatience, now)) {  // that of a pod has the time of its grace in it
    look_again(plan, kPatience, id + " is held by a finalizer");
    return std::nullopt;
  }
  return Trouble{id.kind == "Pod" ? "PodHeld" : "ObjectHeld", id.kind, id.name,
                 " was deleted, and its name is held by finalizer " + base::join(finalizers, ", ") + meanwhile,
                 "Whoever set it has to take it off; where nobody will: kubectl patch " + base::to_lower(id.kind) +
                     " " + id.name + " --type=merge -p '{\"metadata\":{\"finalizers\":null}}'."};
}

std::string meanwhile_of(const std::string& kind, bool is_of_this_life) {
  if (kind == "Deployment" || kind == "StatefulSet" || kind == "PersistentVolumeClaim")
    return ": no new pod comes of it until it is gone, and then it is made again";
  if (kind == "Lease" && !is_of_this_life) return ": no database begins before it is gone";
  if (kind == "Lease") return ": it serves until it is gone, and then it is made again";
  return ": it stays as it is until it is gone, and then it is made again";
}

std::optional<Trouble> of_pod(const facts::Observation& observation, const Pod& pod, base::Wall now, Plan& plan) {
  if (!pod.metadata.deletion_timestamp.empty()) return of_held({"Pod", pod.metadata.name}, pod.metadata, "", now, plan);
  if (pod.status.phase == "Failed" || pod.status.phase == "Succeeded") return std::nullopt;
  const auto field = field_of(component_of(pod.metadata));
  if (const auto* condition = unscheduled(pod); condition != nullptr) {
    if (!is_older_than(condition->last_transition_time, kPatience, now)) {
      look_again(plan, kPatience, "Pod " + pod.metadata.name + " looks for a node");
      return std::nullopt;
    }
    return Trouble{"PodUnschedulable", "Pod", pod.metadata.name,
                   " cannot be scheduled: " + without_stop(condition->message),
                   scheduling_advice(condition->message, field)};
  }
  for (const auto* container : containers_of(pod)) {
    if (auto trouble = of_container(observation.cluster->spec, pod, *container)) return trouble;
  }
  if (pod.status.phase == "Pending") look_again(plan, kPatience, "Pod " + pod.metadata.name + " has not started");
  return of_warning(observation, {"Pod", pod.metadata.name}, "PodNotStarted", " does not start", "");
}

// Started by the kubelet long ago, and no container has said anything.
bool is_mute(const Pod& pod, base::Wall now) {
  if (pod.status.phase != "Pending" || pod.spec.node_name.empty() || !pod.metadata.deletion_timestamp.empty())
    return false;
  if (!is_older_than(pod.status.start_time, kPatience, now)) return false;
  const auto containers = containers_of(pod);
  return std::none_of(containers.begin(), containers.end(), [](const ContainerStatus* c) {
    return c->state.running.has_value() || (c->state.waiting && c->state.waiting->reason != "ContainerCreating" &&
                                            c->state.waiting->reason != "PodInitializing");
  });
}

bool is_unbound(const facts::LiveChild& claim, base::Wall now) {
  return json::string_at(claim.document, {"status", "phase"}) == "Pending" &&
         is_older_than(json::string_at(claim.document, {"metadata", "creationTimestamp"}), kPatience, now);
}

bool lacks_pods(const kube::types::StatefulSet& set) {
  return set.status.observed_generation >= set.metadata.generation.value_or(0) &&
         set.status.replicas < set.spec.replicas.value_or(1);
}

// What the API server says to a Deployment that wants more pods.
std::optional<Trouble> of_deployment(const kube::types::Deployment* deployment) {
  if (deployment == nullptr) return std::nullopt;
  for (const auto& condition : deployment->status.conditions) {
    if (condition.type == "ReplicaFailure" && condition.status == "True")
      return Trouble{"PodsRefused", "Deployment", deployment->metadata.name,
                     " gets no more pods (" + condition.reason + "): " + without_stop(condition.message),
                     advice_on_refusal(condition.message, field_of(component_of(deployment->metadata)))};
  }
  return std::nullopt;
}

std::optional<Trouble> of_stateful_set(const facts::Observation& observation, const std::string& name,
                                       const kube::types::StatefulSet& set, Plan& plan) {
  if (!lacks_pods(set)) return std::nullopt;
  // what keeps them away is said in an event, later
  look_again(plan, kPatience, "StatefulSet " + name + " lacks pods");
  auto trouble = of_warning(observation, {"StatefulSet", name}, "PodsRefused", " gets no more pods", "");
  if (trouble) trouble->advice = advice_on_refusal(trouble->text, field_of(component_of(set.metadata)));
  return trouble;
}

// Kubernetes lets a volume live as long as its pod: the next replacement of that pod, or a drain, is the end of the
// data.
std::optional<Trouble> of_going_claim(const facts::Observation& observation, const std::string& name) {
  for (const auto& [pod_name, pod] : observation.pods) {
    const auto mounts = [&](const auto& volume) {
      return volume.persistent_volume_claim && volume.persistent_volume_claim->claim_name == name;
    };
    if (!pod->metadata.deletion_timestamp.empty() ||
        std::none_of(pod->spec.volumes.begin(), pod->spec.volumes.end(), mounts))
      continue;
    return Trouble{"VolumeGoing", "PersistentVolumeClaim", name,
                   " was deleted, and goes with its data as soon as Pod " + pod_name + " ends",
                   "Nothing takes a deletion back. While other copies are well, delete that Pod: it comes back with a "
                   "new volume and copies the data; where it is the only copy, copy the data elsewhere first."};
  }
  return std::nullopt;
}

std::optional<Trouble> of_going(const facts::Observation& observation, const facts::ChildId& id,
                                const facts::LiveChild& live, base::Wall now, Plan& plan) {
  if (id.kind == "Pod") return std::nullopt;  // of_pod() tells
  if (id.kind == "PersistentVolumeClaim") {
    if (auto trouble = of_going_claim(observation, id.name)) return trouble;
  }
  const auto metadata = json::decode_leniently<kube::core::ObjectMeta>(json::at_path(live.document, {"metadata"}));
  return of_held(id, metadata, meanwhile_of(id.kind, live.is_owned_by(observation.cluster->metadata.uid)), now, plan);
}

// Nobody warns of a provisioner that is not there.
std::optional<Trouble> of_claim(const facts::Observation& observation, const facts::ChildId& id,
                                const facts::LiveChild& live, base::Wall now) {
  if (!is_unbound(live, now)) return std::nullopt;
  const auto metadata = json::decode_leniently<kube::core::ObjectMeta>(json::at_path(live.document, {"metadata"}));
  const auto field = field_of(component_of(metadata));
  if (auto trouble = of_warning(observation, id, "VolumeNotBound", " is not bound", class_advice(field)))
    return trouble;
  const auto provisioner = metadata.annotations.find("volume.kubernetes.io/storage-provisioner");
  if (provisioner == metadata.annotations.end() || !is_older_than(metadata.creation_timestamp, kSlow, now))
    return std::nullopt;
  return Trouble{"VolumeNotBound", id.kind, id.name,
                 " is not bound: provisioner " + provisioner->second + " of StorageClass " +
                     json::string_at(live.document, {"spec", "storageClassName"}) + " has made no volume for it",
                 "Check that the provisioner runs. " + class_advice(field)};
}

std::vector<Trouble> troubles_of(const facts::Observation& observation, base::Wall now, Plan& plan) {
  std::vector<Trouble> out;
  const auto add = [&out](std::optional<Trouble> trouble) {
    if (trouble) out.push_back(std::move(*trouble));
  };
  for (const auto& [name, pod] : observation.pods) add(of_pod(observation, *pod, now, plan));
  for (const auto& [id, live] : observation.children) {
    if (live.is_going()) add(of_going(observation, id, live, now, plan));
    else if (id.kind == "PersistentVolumeClaim") add(of_claim(observation, id, live, now));
  }
  for (const auto& [name, set] : observation.stateful_sets) add(of_stateful_set(observation, name, *set, plan));
  add(of_deployment(observation.webhook.get()));
  add(of_deployment(observation.load_balancer.get()));
  return out;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return out;
}

std::string sentence_of(const Trouble& trouble, const std::vector<std::string>& names) {
  const auto subject = trouble.kind + (names.size() > 1 ? "s (" + listed(names) + "), each:" : " " + names.front());
  return subject + trouble.text + "." + (trouble.advice.empty() ? "" : " " + trouble.advice);
}

}  // namespace

std::vector<facts::Unexplained> unexplained(const facts::Observation& observation, base::Wall now) {
  std::vector<facts::Unexplained> out;
  for (const auto& [name, pod] : observation.pods) {
    if (is_mute(*pod, now)) out.push_back({{"Pod", name}, pod->metadata.uid});
  }
  for (const auto& [id, live] : observation.children) {
    if (id.kind == "PersistentVolumeClaim" && is_unbound(live, now)) out.push_back({id, live.uid()});
  }
  for (const auto& [name, set] : observation.stateful_sets) {
    if (lacks_pods(*set)) out.push_back({{"StatefulSet", name}, set->metadata.uid});
  }
  return out;
}

Plan note_troubles(const facts::Observation& observation, base::Wall now) {
  Plan plan;
  const auto troubles = troubles_of(observation, now, plan);
  std::vector<bool> is_told(troubles.size());
  for (std::size_t i = 0; i < troubles.size(); ++i) {
    if (is_told[i]) continue;
    std::vector<std::string> names;
    for (std::size_t j = i; j < troubles.size(); ++j) {
      if (troubles[j].kind != troubles[i].kind || troubles[j].text != troubles[i].text ||
          troubles[j].advice != troubles[i].advice)
        continue;
      names.push_back(troubles[j].name);
      is_told[j] = true;
    }
    plan.objections.push_back({troubles[i].reason, sentence_of(troubles[i], names)});
  }
  return plan;
}

Plan remove_failed_pods(const facts::Observation& observation) {
  Plan plan;
  for (const auto& [name, pod] : observation.pods) {
    const auto& owners = pod->metadata.owner_references;
    const bool is_of_deployment =
        std::any_of(owners.begin(), owners.end(), [](const auto& owner) { return owner.kind == "ReplicaSet"; });
    if (!is_of_deployment || pod->status.phase != "Failed" || !pod->metadata.deletion_timestamp.empty()) continue;
    auto why = pod->status.reason.empty() ? std::string("its containers ended") : pod->status.reason;
    if (!pod->status.message.empty()) why += ": " + without_stop(pod->status.message);
    plan.actions.push_back(
        {DeleteObject{
             &Pod::kind_info(), {pod->metadata.namespace_, name}, pod->metadata.uid, pod->metadata.resource_version},
         {"Pod", name},
         "Removed",
         "Removed Pod " + name + ", which had failed (" + why + ")"});
  }
  return plan;
}

}  // namespace cadence::plan
