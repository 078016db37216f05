#include "cadence/plan/stand_ins.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "cadence/facts/mounts.hpp"
#include "cadence/plan/references.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "cadence/resources/common/labels.hpp"

namespace cadence::plan {
namespace {

// No watch tells of somebody else's Secret; as late as a kubelet is that looks after its own.
constexpr std::chrono::seconds kFollow{30};

// Those that pods mount under their own name.
std::set<std::string> mountable(const api::CadenceCluster& cluster) {
  std::set<std::string> out;
  for (const auto& recipe : wanted_secrets(cluster)) out.insert(recipe.name);
  out.erase(names::Names(cluster.metadata.name).ca());
  for (const auto& reference : secret_references(cluster)) {
    if (!reference.is_pair) out.insert(reference.name);
  }
  return out;
}

// Which Secrets pods were given.
std::map<std::string, std::string> given_uids(const facts::Observation& observation) {
  std::map<std::string, std::string> out;
  if (!observation.webhook) return out;
  const auto& annotations = observation.webhook->metadata.annotations;
  const auto noted = annotations.find(names::kMountedAnnotation);
  if (noted == annotations.end()) return out;
  for (const auto& one : base::split(noted->second, ',')) {
    const auto end = one.find('=');
    if (end != std::string::npos) out[one.substr(0, end)] = one.substr(end + 1);
  }
  return out;
}

// Empty: it is not there.
std::string uid_of(const facts::Observation& observation, const std::string& secret) {
  if (const auto* live = observation.child("Secret", secret); live != nullptr) return live->uid();
  const auto named = observation.named_secrets.find(secret);
  return named == observation.named_secrets.end() || !named->second.exists ? "" : named->second.uid;
}

// All that became of the one that pods were given is known, by this process or by the one that made the present one.
bool was_heard(const facts::Observation& observation, const std::string& secret, const std::string& given) {
  if (observation.heard_secrets.contains(given)) return true;
  const auto* live = observation.child("Secret", secret);
  return live != nullptr &&
         json::string_at(live->document, {"metadata", "annotations", names::kInPlaceOfAnnotation}) == given;
}

// Another has its name than the one that pods were given, and what that was in between is not known.
bool is_another(const facts::Observation& observation, const std::map<std::string, std::string>& given,
                const std::string& secret) {
  const auto before = given.find(secret);
  const auto now = uid_of(observation, secret);
  return before != given.end() && !now.empty() && now != before->second &&
         !was_heard(observation, secret, before->second);
}

bool is_immutable(const facts::Observation& observation, const std::string& secret) {
  if (observation.once_immutable.contains(secret)) return true;
  if (const auto* live = observation.child("Secret", secret); live != nullptr)
    return json::at_path(live->document, {"immutable"}) == true;
  const auto named = observation.named_secrets.find(secret);
  return named != observation.named_secrets.end() && named->second.is_immutable;
}

// A mark of what it holds; empty: it is not there.
std::string content_of(const facts::Observation& observation, const std::string& secret) {
  if (const auto* live = observation.child("Secret", secret); live != nullptr)
    return facts::content_mark(json::at_path(live->document, {"data"}));
  const auto named = observation.named_secrets.find(secret);
  return named == observation.named_secrets.end() ? "" : named->second.content;
}

int number_after(const std::string& prefix, const facts::ChildId& id) {
  constexpr std::int64_t kMost = 1'000'000;
  if (id.kind != "Secret" || !id.name.starts_with(prefix)) return 0;
  const auto number = base::parse_integer(id.name.substr(prefix.size())).value_or(0);
  return number > 0 && number < kMost ? static_cast<int>(number) : 0;
}

// The newest copy that is there or mounted; 0: none.
int newest_copy(const facts::Observation& observation, const std::string& prefix) {
  int out = 0;
  for (const auto& [id, live] : observation.children) out = std::max(out, number_after(prefix, id));
  for (const auto& [name, pod] : observation.pods) {
    for (const auto& id : facts::mounted_by(*pod)) out = std::max(out, number_after(prefix, id));
  }
  return out;
}

std::vector<std::string> mounting(const facts::Observation& observation, const std::string& secret) {
  std::vector<std::string> out;
  for (const auto& [name, pod] : observation.pods) {
    if (pod->metadata.deletion_timestamp.empty() && facts::mounted_by(*pod).contains({"Secret", secret}))
      out.push_back(name);
  }
  return out;
}

// Which pods have the Secret itself still.
void note_late(const facts::Observation& observation, const std::string& source, const std::string& copy, Plan& plan) {
  const auto late = mounting(observation, source);
  if (late.empty()) return;
  plan.objections.push_back(
      {"SecretImmutable", "Secret " + source +
                              " is or was immutable, or was replaced unseen, so kubelets may bring no later " +
                              "content of it to " + base::join(late, ", ") +
                              ". They are replaced, one after the other, by pods that mount " + "its copy, Secret " +
                              copy + ", which follows it: nothing is to be done."});
}

}  // namespace

std::map<std::string, std::string> stand_ins(const facts::Observation& observation) {
  const names::Names names(observation.cluster->metadata.name);
  const auto given = given_uids(observation);
  std::map<std::string, std::string> out;
  for (const auto& source : mountable(*observation.cluster)) {
    const auto prefix = names.copies_of(source);
    const int newest = newest_copy(observation, prefix);
    const auto last = newest == 0 ? source : prefix + std::to_string(newest);
    const bool is_lost = is_immutable(observation, last) || is_another(observation, given, last);
    const int number = newest + (is_lost ? 1 : 0);
    if (number > 0) out[source] = prefix + std::to_string(number);
  }
  return out;
}

std::map<std::string, std::string> mounted_uids(const facts::Observation& observation,
                                                const std::map<std::string, std::string>& stand_ins) {
  const auto given = given_uids(observation);
  std::map<std::string, std::string> out;
  for (const auto& source : mountable(*observation.cluster)) {
    const auto copy = stand_ins.find(source);
    const auto& mounted = copy == stand_ins.end() ? source : copy->second;
    const auto now = uid_of(observation, mounted);
    const auto before = given.find(mounted);
    if (!now.empty()) out[mounted] = now;
    else if (before != given.end()) out.insert(*before);
  }
  return out;
}

void mark_replacements(const facts::Observation& observation, Plan& secrets) {
  const auto given = given_uids(observation);
  for (auto& action : secrets.actions) {
    auto* make = std::get_if<MakeSecret>(&action.step);
    if (make == nullptr || !make->recipe.replaces_resource_version.empty()) continue;
    const auto before = given.find(make->recipe.name);
    if (before != given.end() && was_heard(observation, before->first, before->second))
      make->recipe.metadata["annotations"][names::kInPlaceOfAnnotation] = before->second;
  }
}

SecretRecipe stand_in_recipe(const api::CadenceCluster& cluster, const std::string& source, const std::string& name) {
  kube::core::ObjectMeta metadata;
  metadata.name = name;
  metadata.namespace_ = cluster.metadata.namespace_;
  metadata.labels = names::labels_of(cluster.metadata.name, "");
  metadata.owner_references = {names::owner_of(cluster)};
  return {name, json::encode(metadata), SecretRecipe::StandIn{source}, ""};
}

StandInsPlan plan_stand_ins(const facts::Observation& observation, const std::map<std::string, std::string>& wanted) {
  StandInsPlan out;
  for (const auto& [source, name] : wanted) {
    note_late(observation, source, name, out.part);
    const bool is_ours = observation.named_secrets.count(source) == 0;
    if (!is_ours) look_again(out.part, kFollow, "Secret " + source + " may be another");
    const auto content = content_of(observation, source);
    const auto* live = observation.child("Secret", name);
    if (content.empty() || (live != nullptr && content_of(observation, name) == content)) continue;
    auto recipe = stand_in_recipe(*observation.cluster, source, name);
    if (live != nullptr) recipe.replaces_resource_version = live->resource_version();
    else out.is_complete = false;
    const facts::ChildId object{"Secret", name};
    out.part.actions.push_back({MakeSecret{std::move(recipe)}, object, live == nullptr ? "Created" : "Updated",
                                "Copied Secret " + source + " into " + object.to_string() +
                                    ": kubelets do not follow one that is or was immutable"});
  }
  return out;
}

}  // namespace cadence::plan
