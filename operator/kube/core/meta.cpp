#include "kube/core/meta.hpp"

namespace cadence::kube::core {

using json::field;

json::Object OwnerReference::json_fields() {
  return {.name = "OwnerReference",
          .fields = {field<&OwnerReference::api_version>("apiVersion"), field<&OwnerReference::kind>("kind"),
                     field<&OwnerReference::name>("name"), field<&OwnerReference::uid>("uid"),
                     field<&OwnerReference::controller>("controller"),
                     field<&OwnerReference::block_owner_deletion>("blockOwnerDeletion")},
          .rules = {}};
}

json::Object ObjectMeta::json_fields() {
  return {
      .name = "ObjectMeta",
      .fields = {field<&ObjectMeta::name>("name"), field<&ObjectMeta::namespace_>("namespace"),
                 field<&ObjectMeta::uid>("uid"), field<&ObjectMeta::resource_version>("resourceVersion"),
                 field<&ObjectMeta::generation>("generation"), field<&ObjectMeta::labels>("labels"),
                 field<&ObjectMeta::annotations>("annotations"),
                 field<&ObjectMeta::owner_references>("ownerReferences"), field<&ObjectMeta::finalizers>("finalizers"),
                 field<&ObjectMeta::creation_timestamp>("creationTimestamp"),
                 field<&ObjectMeta::deletion_timestamp>("deletionTimestamp")},
      .rules = {}};
}

json::Object Condition::json_fields() {
  return {.name = "Condition",
          .fields = {field<&Condition::type>("type", "What is judged: Ready, Degraded, …").length(1, 316).required(),
                     field<&Condition::status>("status", "True, False or Unknown.")
                         .one_of({"True", "False", "Unknown"})
                         .required(),
                     field<&Condition::observed_generation>("observedGeneration",
                                                            "The generation of the spec that was judged.")
                         .at_least(0)
                         .without_default(),
                     field<&Condition::last_transition_time>("lastTransitionTime", "When status last changed.")
                         .with_format("date-time")
                         .without_default(),
                     field<&Condition::reason>("reason", "One CamelCase word for programs.").length(1, 1024).required(),
                     field<&Condition::message>("message", "A whole sentence for people.")
                         .length(0, 32768)
                         .always()
                         .without_default()},
          .rules = {}};
}

std::string KindInfo::path(const std::string& namespace_, const std::string& name) const {
  std::string out = group.empty() ? "/api/" + version : "/apis/" + group + "/" + version;
  if (is_namespaced && !namespace_.empty()) out += "/namespaces/" + namespace_;
  out += "/" + plural;
  if (!name.empty()) out += "/" + name;
  return out;
}

}  // namespace cadence::kube::core
