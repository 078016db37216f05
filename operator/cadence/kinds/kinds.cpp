#include "cadence/kinds/kinds.hpp"

#include <algorithm>

#include "kube/core/owners.hpp"

namespace cadence::kinds {
namespace {

template <class... K>
std::vector<Entry> entries_of(std::tuple<K...>*) {
  return {{&K::Object::kind_info(), K::kManner}...};
}

}  // namespace

const std::vector<Entry>& all() {
  static const auto entries = entries_of(static_cast<Kinds*>(nullptr));
  return entries;
}

const Entry* find(const kube::core::KindInfo& kind) {
  const auto& list = all();
  const auto found = std::find_if(list.begin(), list.end(), [&](const Entry& entry) { return *entry.info == kind; });
  return found == list.end() ? nullptr : &*found;
}

bool is_removable(const std::string& kind) {
  const auto& list = all();
  return std::any_of(list.begin(), list.end(),
                     [&](const Entry& entry) { return entry.info->kind == kind && entry.manner.is_removable; });
}

bool belongs_to_cluster(const kube::core::ObjectMeta& object) {
  const auto& cluster = api::CadenceCluster::kind_info();
  const auto* controller = kube::core::controller_of(object);
  if (controller == nullptr || kube::core::refers_to(*controller, cluster)) return true;
  return !controller->api_version.starts_with(cluster.group + "/");
}

}  // namespace cadence::kinds
