#include "kube/control/finalizers.hpp"

#include <algorithm>

namespace cadence::kube::control {
namespace {

constexpr const char* kList = "/metadata/finalizers";

json::Value operation(const char* what, const std::string& path, json::Value value) {
  return {{"op", what}, {"path", path}, {"value", std::move(value)}};
}

json::Value guarded(const core::ObjectMeta& object) {
  return json::Value::array({operation("test", "/metadata/uid", object.uid)});
}

bool contains(const core::ObjectMeta& object, const std::string& finalizer) {
  const auto& list = object.finalizers;
  return std::find(list.begin(), list.end(), finalizer) != list.end();
}

}  // namespace

Finalizing finalizing_of(const core::ObjectMeta& object, const std::string& finalizer) {
  const bool is_ours = contains(object, finalizer);
  if (object.deletion_timestamp.empty()) return is_ours ? Finalizing::Proceed : Finalizing::Add;
  return is_ours ? Finalizing::CleanUp : Finalizing::Leave;
}

json::Value patch_that_adds(const core::ObjectMeta& object, const std::string& finalizer) {
  auto out = guarded(object);
  if (object.finalizers.empty()) {
    // A list that is not there equals null to the API server.
    out.push_back(operation("test", kList, nullptr));
    out.push_back(operation("add", kList, json::Value::array({finalizer})));
  } else {
    out.push_back(operation("test", kList, object.finalizers));
    out.push_back(operation("add", std::string(kList) + "/-", finalizer));
  }
  return out;
}

json::Value patch_that_removes(const core::ObjectMeta& object, const std::string& finalizer) {
  if (!contains(object, finalizer)) return json::Value::array();
  const auto& list = object.finalizers;
  const auto at = std::find(list.begin(), list.end(), finalizer) - list.begin();
  const auto path = std::string(kList) + "/" + std::to_string(at);
  auto out = guarded(object);
  out.push_back(operation("test", path, finalizer));
  out.push_back({{"op", "remove"}, {"path", path}});
  return out;
}

}  // namespace cadence::kube::control
