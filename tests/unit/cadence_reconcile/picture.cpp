#include "picture.hpp"

#include <cctype>
#include <set>

#include "base/text.hpp"
#include "cadence/names/annotations.hpp"

namespace cadence::exploration {
namespace {

// 2026-03-04T10:00:01.250000Z becomes T, wherever it stands.
std::string without_times(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_time = at + 19 < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0 &&
                         text[at + 4] == '-' && text[at + 7] == '-' && text[at + 10] == 'T' && text[at + 13] == ':';
    if (!is_time) {
      out += text[at++];
      continue;
    }
    out += 'T';
    at = text.find('Z', at);
    at = at == std::string::npos ? text.size() : at + 1;
  }
  return out;
}

void hide(json::Value& values) {
  for (auto& value : values) value = "*";
}

void erase(json::Value& object, std::initializer_list<const char*> names) {
  if (!object.is_object()) return;
  for (const char* name : names) object.erase(name);
}

void tidy_lease(json::Value& object) {
  erase(object["spec"], {"renewTime", "acquireTime", "leaseTransitions"});
  erase(object["metadata"]["annotations"],
        {postgres::kHolderUidAnnotation, postgres::kHolderAddressAnnotation, postgres::kTimelineAnnotation,
         postgres::kReservedTimelineAnnotation, postgres::kElectedAtAnnotation});
}

// Which of its nodes leads a shard is Redis' own affair.
void tidy_shard(json::Value& shard) {
  std::set<std::string> nodes{json::string_at(shard, {"master"})};
  for (const auto& replica : json::at_path(shard, {"replicas"})) nodes.insert(replica.get<std::string>());
  shard["master"] = "*";
  shard["replicas"] = nodes;
}

void tidy_cluster(json::Value& object) {
  auto& status = object["status"];
  erase(status, {"observedGeneration"});
  erase(status["postgres"], {"term", "timeline", "lastFailover"});
  for (auto& instance : status["postgres"]["instances"]) erase(instance, {"lsn", "lag", "node"});
  for (auto& shard : status["redis"]["shards"]) tidy_shard(shard);
  for (auto& condition : status["conditions"]) erase(condition, {"lastTransitionTime", "observedGeneration"});
}

void tidy_pod(json::Value& object) {
  erase(object["spec"], {"nodeName"});
  auto status = json::Value{{"phase", json::string_at(object, {"status", "phase"})}};
  status["conditions"] = json::at_path(object, {"status", "conditions"});
  object["status"] = std::move(status);
}

// "name=uid,name=uid": what is made a second time has another.
void hide_uids(json::Value& metadata) {
  auto& annotations = metadata["annotations"];
  if (!annotations.is_object() || !annotations.contains(names::kMountedAnnotation)) return;
  std::string secrets;
  for (const auto& one : base::split(annotations[names::kMountedAnnotation].get<std::string>(), ','))
    secrets += one.substr(0, one.find('=')) + ",";
  annotations[names::kMountedAnnotation] = secrets;
}

void tidy(const std::string& plural, json::Value& object) {
  auto& metadata = object["metadata"];
  erase(metadata, {"uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"});
  for (auto& owner : metadata["ownerReferences"]) erase(owner, {"uid"});
  erase(metadata["annotations"], {"cadence.noslop.tech/intent"});
  hide_uids(metadata);
  erase(object["status"], {"observedGeneration"});
  if (plural == "secrets") {
    hide(object["data"]);
    hide(metadata["annotations"]);
  }
  if (plural == "services" && object["spec"].value("clusterIP", "") != "None")
    erase(object["spec"], {"clusterIP", "clusterIPs"});
  if (plural == "persistentvolumeclaims") erase(object["spec"], {"volumeName"});
  if (plural == "endpointslices.discovery.k8s.io") {
    for (auto& endpoint : object["endpoints"]) endpoint = json::string_at(endpoint, {"targetRef", "kind"});
  }
  if (plural == "leases.coordination.k8s.io") tidy_lease(object);
  if (plural == "pods") tidy_pod(object);
  if (plural == "cadenceclusters.cadence.noslop.tech") tidy_cluster(object);
}

}  // namespace

Picture picture_of(const kube::testing::Objects& objects) {
  Picture out;
  std::map<std::string, int> by_owner;
  for (const auto& [id, document] : objects.all()) {
    if (id.plural == "replicasets.apps") continue;
    auto object = *document;
    tidy(id.plural, object);
    auto name = id.key.name;
    // Pods of a Deployment have no names of their own.
    const auto& owner = json::at_path(object, {"metadata", "ownerReferences"});
    if (id.plural == "pods" && !owner.empty() && json::string_at(owner.at(0), {"kind"}) == "ReplicaSet") {
      name = json::string_at(owner.at(0), {"name"});
      name += " " + std::to_string(++by_owner[name]);
      object["metadata"].erase("name");
    }
    out[id.plural + " " + name] = without_times(json::dump(object));
  }
  return out;
}

std::string difference(const Picture& expected, const Picture& found) {
  std::string out;
  for (const auto& [name, text] : expected) {
    const auto other = found.find(name);
    if (other == found.end()) {
      out += name + " is missing\n";
      continue;
    }
    if (other->second == text) continue;
    std::size_t at = 0;
    while (at < text.size() && at < other->second.size() && text[at] == other->second[at]) ++at;
    const auto from = at < 60 ? 0 : at - 60;
    out += name + ":\n    expected …" + text.substr(from, 200) + "\n    found    …" + other->second.substr(from, 200) +
           "\n";
  }
  for (const auto& [name, text] : found) {
    if (!expected.contains(name)) out += name + " should not be there\n";
  }
  return out;
}

}  // namespace cadence::exploration
