#include "cadence/facts/primary_loss.hpp"

namespace cadence::facts {
namespace {

using kube::types::Pod;

const Pod* pod_with_uid(const Observation& observation, const std::string& uid) {
  for (const auto& [name, pod] : observation.pods) {
    if (pod->metadata.uid == uid) return pod.get();
  }
  return nullptr;
}

std::string ended(const kube::types::ContainerStateTerminated& end) {
  return " has ended (" +
         (end.reason.empty() ? std::string("exit code ") + std::to_string(end.exit_code) : end.reason) + ")";
}

// What the kubelet says of the container: only an end that it has seen counts. A container that never ran is waiting
// too.
std::string end_of_container(const Pod& pod) {
  const auto* container = postgres_container(pod);
  if (container == nullptr || container->state.running) return {};
  const auto subject = "The server of Pod " + pod.metadata.name;
  if (container->state.terminated) return subject + ended(*container->state.terminated);
  if (container->state.waiting && container->last_state.terminated)
    return subject + ended(*container->last_state.terminated);
  return {};
}

// At least one standby must have each commit, and an election disarms enough of them: then nobody can acknowledge any
// more for a primary of whose end we only hear, even if it still runs.
bool can_nobody_acknowledge(const PostgresView& view) {
  return view.published && view.published->mode != postgres::SynchronousMode::Off && view.published->number >= 1;
}

}  // namespace

std::string proof_of_death(const Observation& observation, const PostgresView& view) {
  if (view.primary.empty() || view.holder_uid.empty()) return {};
  const auto* pod = pod_with_uid(observation, view.holder_uid);
  if (pod == nullptr) return can_nobody_acknowledge(view) ? "Pod " + view.primary + " is gone" : "";
  if (auto end = end_of_container(*pod); !end.empty()) return end;
  // Failed may also be said by a controller that only believes the node to be gone.
  const bool is_over = pod->status.phase == "Failed" || pod->status.phase == "Succeeded";
  return is_over && can_nobody_acknowledge(view) ? "Pod " + pod->metadata.name + " is over (" + pod->status.phase + ")"
                                                 : "";
}

Electorate electorate_of(const PostgresView& view) {
  Electorate out;
  if (!view.published) return out;
  for (const auto& name : view.published->names) {
    const auto* instance = view.find(name);
    const bool can_vote = instance != nullptr && instance->is_running() && !instance->is_fenced && name != view.primary;
    (can_vote ? out.running : out.missing).push_back(name);
  }
  return out;
}

bool can_elect(const PostgresView& view) {
  const int needed = view.published ? votes_needed(*view.published) : 0;
  return needed > 0 && static_cast<int>(electorate_of(view).running.size()) >= needed;
}

}  // namespace cadence::facts
