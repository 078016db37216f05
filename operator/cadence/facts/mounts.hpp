// Which Secrets and ConfigMaps the volumes of a pod are made of. Pure; knows nothing of what the kubelet has brought.
#pragma once

#include <set>

#include "cadence/facts/observation.hpp"

namespace cadence::facts {

std::set<ChildId> mounted_by(const kube::types::Pod& pod);

}  // namespace cadence::facts
