// Owner references: who owns an object, and through which the owner is found. Pure.
// Promises: kinds are compared by group and name and never by version, because a reference keeps the version it was
// written with.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::core {

bool refers_to(const OwnerReference& reference, const KindInfo& kind);

// The one owner that manages the object; null: none.
const OwnerReference* controller_of(const ObjectMeta& object);

// Whether this owner manages the object: it is among the owners, and no other one is the controller.
bool is_managed_by(const ObjectMeta& object, const KindInfo& kind, const std::string& uid);

// The owners of that kind, as keys; `only_controller`: only if one of them manages the object.
std::vector<ObjectKey> owners_of(const ObjectMeta& object, const KindInfo& kind, bool only_controller = true);

}  // namespace cadence::kube::core
