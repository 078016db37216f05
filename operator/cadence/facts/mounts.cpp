#include "cadence/facts/mounts.hpp"

namespace cadence::facts {

std::set<ChildId> mounted_by(const kube::types::Pod& pod) {
  std::set<ChildId> out;
  for (const auto& volume : pod.spec.volumes) {
    if (volume.secret) out.insert({"Secret", volume.secret->secret_name});
    if (volume.config_map) out.insert({"ConfigMap", volume.config_map->name});
    if (!volume.projected) continue;
    for (const auto& source : volume.projected->sources) {
      if (source.secret) out.insert({"Secret", source.secret->name});
      if (source.config_map) out.insert({"ConfigMap", source.config_map->name});
    }
  }
  return out;
}

}  // namespace cadence::facts
