// What those do who stand inside the simulated server: tests and controllers.
#include "kube/testing/api_server.hpp"

namespace cadence::kube::testing {

Document ApiServer::find(const core::KindInfo& kind, const core::ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  return objects_.find({core::full_name(kind), key});
}

std::vector<Document> ApiServer::list(const core::KindInfo& kind, const std::string& namespace_) const {
  const std::lock_guard lock(mutex_);
  return objects_.list(core::full_name(kind), namespace_);
}

bool ApiServer::write(const core::KindInfo& info, const core::ObjectKey& key,
                      const std::function<void(json::Value&)>& change, const std::string& manager) {
  const std::lock_guard lock(mutex_);
  const Id id{core::full_name(info), key};
  const auto live = objects_.find(id);
  const auto* kind = kind_of(id.plural);
  if (kind == nullptr) return false;
  auto after = live ? *live : json::Value::object();
  change(after);
  if (live && after == *live) return false;
  after = track(*kind, live ? *live : json::Value(nullptr), std::move(after), {manager},
                base::format_rfc3339(clock_.wall()));
  auto& metadata = after["metadata"];
  if (!live) {
    after["apiVersion"] = info.api_version();
    after["kind"] = info.kind;
    metadata["name"] = key.name;
    if (info.is_namespaced) metadata["namespace"] = key.namespace_;
    metadata["uid"] = objects_.next_uid();
    metadata["creationTimestamp"] = base::format_rfc3339(clock_.wall());
    if (kind->has_generation) metadata["generation"] = 1;
  } else if (kind->has_generation) {
    auto a = *live, b = after;
    for (auto* object : {&a, &b}) {
      object->erase("metadata");
      object->erase("status");
    }
    if (a != b) metadata["generation"] = live->at("metadata").value("generation", 0) + 1;
  }
  const auto& finalizers = json::at_path(after, {"metadata", "finalizers"});
  const bool is_over = live && metadata.contains("deletionTimestamp") &&
                       metadata.value("deletionGracePeriodSeconds", 0) == 0 &&
                       (!finalizers.is_array() || finalizers.empty());
  if (is_over) erase_now(id, manager);
  else put(id, std::move(after), manager);
  return true;
}

bool ApiServer::remove(const core::KindInfo& info, const core::ObjectKey& key, const std::string& manager) {
  const std::lock_guard lock(mutex_);
  const Id id{core::full_name(info), key};
  const auto* kind = kind_of(id.plural);
  if (kind == nullptr || !objects_.find(id)) return false;
  remove_now(*kind, id, manager);
  return true;
}

bool ApiServer::erase(const core::KindInfo& info, const core::ObjectKey& key, const std::string& manager) {
  const std::lock_guard lock(mutex_);
  const Id id{core::full_name(info), key};
  if (!objects_.find(id)) return false;
  erase_now(id, manager);
  return true;
}

void ApiServer::uninstall(const core::KindInfo& kind) {
  const std::lock_guard lock(mutex_);
  for (const auto& object : objects_.list(core::full_name(kind), ""))
    erase(kind, {json::string_at(*object, {"metadata", "namespace"}), json::string_at(*object, {"metadata", "name"})});
  absent_.insert(core::full_name(kind));
}

void ApiServer::install(const core::KindInfo& kind) {
  const std::lock_guard lock(mutex_);
  absent_.erase(core::full_name(kind));
}

Objects ApiServer::snapshot() const {
  const std::lock_guard lock(mutex_);
  return objects_;
}

void ApiServer::restore(Objects objects) {
  const std::lock_guard lock(mutex_);
  objects_ = std::move(objects);
}

void ApiServer::compact() {
  const std::lock_guard lock(mutex_);
  objects_.compact();
}

}  // namespace cadence::kube::testing
