#include "postgres/lease_document.hpp"

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

std::string annotation(const json::Value& lease, const char* name) { return json::string_at(lease, {"metadata", "annotations", name}); }

// The member as an object, made when it is missing or null.
json::Value& object_in(json::Value& parent, const char* name) {
  auto& member = parent[name];
  if (!member.is_object()) member = json::Value::object();
  return member;
}

}  // namespace

LeaseView view_of(const json::Value& lease) {
  LeaseView out;
  out.is_present = true;
  out.holder = json::string_at(lease, {"spec", "holderIdentity"});
  out.holder_uid = annotation(lease, kHolderUidAnnotation);
  out.system_identifier = annotation(lease, kSystemIdentifierAnnotation);
  out.timeline = base::parse_integer(annotation(lease, kTimelineAnnotation)).value_or(0);
  const auto& transitions = json::at_path(lease, {"spec", "leaseTransitions"});
  if (transitions.is_number_integer()) out.transitions = transitions.get<std::int64_t>();
  out.resource_version = json::string_at(lease, {"metadata", "resourceVersion"});
  return out;
}

json::Value new_lease(const std::string& namespace_, const std::string& name, const std::string& cluster) {
  return {{"apiVersion", "coordination.k8s.io/v1"},
          {"kind", "Lease"},
          {"metadata",
           {{"namespace", namespace_},
            {"name", name},
            {"labels",
             {{"app.kubernetes.io/name", "cadence"},
              {"app.kubernetes.io/instance", cluster},
              {"app.kubernetes.io/component", "postgres"},
              {"app.kubernetes.io/part-of", "cadence"},
              {"app.kubernetes.io/managed-by", "cadence-operator"}}}}},
          {"spec", json::Value::object()}};
}

json::Value claimed(json::Value lease, const Holder& holder, const LeaseTiming& timing, const std::string& now) {
  const auto before = view_of(lease);
  auto& spec = object_in(lease, "spec");
  const bool is_new_term = before.holder != holder.instance;
  spec["holderIdentity"] = holder.instance;
  if (is_new_term || !spec.contains("acquireTime")) spec["acquireTime"] = now;
  if (is_new_term) spec["leaseTransitions"] = before.transitions + 1;
  object_in(object_in(lease, "metadata"), "annotations")[kHolderUidAnnotation] = holder.pod_uid;
  return renewed(std::move(lease), timing, now);
}

json::Value renewed(json::Value lease, const LeaseTiming& timing, const std::string& now) {
  auto& spec = object_in(lease, "spec");
  spec["renewTime"] = now;
  spec["leaseDurationSeconds"] = (timing.duration.count() + 999) / 1000;  // whole seconds, never less than the truth
  return lease;
}

json::Value released(json::Value lease, const std::string& now) {
  auto& spec = object_in(lease, "spec");
  spec["holderIdentity"] = "";
  spec["renewTime"] = now;
  object_in(object_in(lease, "metadata"), "annotations").erase(kHolderUidAnnotation);
  return lease;
}

json::Value described(json::Value lease, const std::string& system_identifier, std::int64_t timeline) {
  auto& annotations = object_in(object_in(lease, "metadata"), "annotations");
  if (!system_identifier.empty()) annotations[kSystemIdentifierAnnotation] = system_identifier;
  if (timeline > 0) annotations[kTimelineAnnotation] = std::to_string(timeline);
  return lease;
}

}  // namespace cadence::postgres
