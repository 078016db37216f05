// A kind by the name that only it has: as its CustomResourceDefinition is called, "plural.group". Pure.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::core {

inline std::string full_name(const KindInfo& kind) {
  return kind.group.empty() ? kind.plural : kind.plural + "." + kind.group;
}

}  // namespace cadence::kube::core
