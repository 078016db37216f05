#include "kube/core/owners.hpp"

#include <algorithm>

namespace cadence::kube::core {
namespace {

bool is_controller(const OwnerReference& reference) { return reference.controller.value_or(false); }

}  // namespace

bool refers_to(const OwnerReference& reference, const KindInfo& kind) {
  const auto slash = reference.api_version.find('/');
  const auto group = slash == std::string::npos ? std::string() : reference.api_version.substr(0, slash);
  return reference.kind == kind.kind && group == kind.group;
}

const OwnerReference* controller_of(const ObjectMeta& object) {
  const auto& owners = object.owner_references;
  const auto found = std::find_if(owners.begin(), owners.end(), is_controller);
  return found == owners.end() ? nullptr : &*found;
}

bool is_managed_by(const ObjectMeta& object, const KindInfo& kind, const std::string& uid) {
  const auto is_it = [&](const OwnerReference& owner) { return refers_to(owner, kind) && owner.uid == uid; };
  const auto& owners = object.owner_references;
  const auto* controller = controller_of(object);
  return controller != nullptr ? is_it(*controller) : std::any_of(owners.begin(), owners.end(), is_it);
}

std::vector<ObjectKey> owners_of(const ObjectMeta& object, const KindInfo& kind, bool only_controller) {
  std::vector<ObjectKey> out;
  for (const auto& owner : object.owner_references) {
    if (!refers_to(owner, kind) || (only_controller && !is_controller(owner))) continue;
    out.push_back({kind.is_namespaced ? object.namespace_ : std::string(), owner.name});
  }
  return out;
}

}  // namespace cadence::kube::core
