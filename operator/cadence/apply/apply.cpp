#include "cadence/apply/apply.hpp"

#include "base/text.hpp"
#include "cadence/apply/secret_change.hpp"
#include "cadence/apply/secret_content.hpp"
#include "cadence/resources/names.hpp"
#include "kube/types/core.hpp"
#include "kube/types/discovery.hpp"

namespace cadence::apply {
namespace {

kube::core::ObjectKey key_of(const json::Value& document) {
  return {json::string_at(document, {"metadata", "namespace"}), json::string_at(document, {"metadata", "name"})};
}

// Server-side apply has no "only where there is none"; a version that no object has says it: it is compared only where there is one.
json::Value only_new(json::Value document) {
  document["metadata"]["resourceVersion"] = "1";
  return document;
}

// A policy of the cluster's may take labels off on the way. What has lost ours is in none of our caches, so nothing may wait for it there.
base::Result<void> check_labels(const kube::core::KindInfo& kind, const json::Value& sent, const json::Value& written) {
  for (const char* name : {resources::kManagedByLabel, resources::kInstanceLabel}) {
    const auto wanted = json::string_at(sent, {"metadata", "labels", name});
    if (wanted.empty() || json::string_at(written, {"metadata", "labels", name}) == wanted) continue;
    return base::Error{base::ErrorKind::Forbidden, kind.kind + " " + key_of(written).name + " lost its label " + name +
                                                       " as it was written: except this namespace from the policy that takes labels off."};
  }
  return {};
}

bool is_refusal(const base::Error& error) { return error.kind == base::ErrorKind::Invalid || error.kind == base::ErrorKind::Forbidden; }

}  // namespace

Outcome Applier::run(const plan::Plan& plan, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  Outcome outcome;
  for (const auto& action : plan.actions) {
    if (stop.stop_requested()) {
      outcome.failure = Failure{action.object, {base::ErrorKind::Canceled, "The operator is stopping"}};
      return outcome;
    }
    const auto result = carry_out(action.step, namespace_, around, stop);
    if (!result && !action.hint.empty() && is_refusal(result.error())) {
      // The API server may add a whole diff of the object.
      outcome.refused.push_back(result.error().message.substr(0, result.error().message.find('\n')) + ". " + action.hint);
      continue;
    }
    if (!result) {
      around.finished(action, &result.error());
      outcome.failure = Failure{action.object, result.error()};
      return outcome;
    }
    around.finished(action, nullptr);
    if (outcome.done++ == 0) outcome.first_done = action.why;
  }
  return outcome;
}

base::Result<void> Applier::settle(const kube::core::KindInfo& kind, const json::Value& sent, const base::Result<json::Value>& written, const Surroundings& around) {
  if (!written) return written.error();
  if (auto kept = check_labels(kind, sent, *written); !kept) return kept;
  around.wrote(kind, *written);
  return {};
}

base::Result<void> Applier::reclaim(const plan::ReclaimObject& lost, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  const json::Value patch{{"metadata", {{"uid", lost.uid}, {"resourceVersion", lost.resource_version}, {"labels", lost.labels}}}};
  return settle(*lost.kind, patch, client_.patch(*lost.kind, {namespace_, lost.name}, patch, kube::client::PatchType::Merge, {}, stop), around);
}

base::Result<void> Applier::prune(const plan::PruneObject& wanted, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  auto patch = wanted.patch;
  patch["metadata"]["uid"] = wanted.uid;
  patch["metadata"]["resourceVersion"] = wanted.resource_version;
  return settle(*wanted.kind, patch, client_.patch(*wanted.kind, {namespace_, wanted.name}, patch, kube::client::PatchType::Merge, {}, stop), around);
}

base::Result<void> Applier::prune_slices(const std::string& service, const std::string& namespace_, std::stop_token stop) {
  const auto& kind = kube::types::EndpointSlice::kind_info();
  // Its Endpoints stay too, and would be mirrored into a slice as soon as there is no selector.
  static const kube::core::KindInfo endpoints{.group = "", .version = "v1", .kind = "Endpoints", .plural = "endpoints"};
  const auto gone = client_.remove(endpoints, {namespace_, service}, {}, kube::client::Propagation::Background, stop);
  if (!gone && gone.error().kind != base::ErrorKind::NotFound) return gone.error();
  const auto selector = std::string(kube::types::kServiceNameLabel) + "=" + service + "," + kube::types::kSliceManagedByLabel + "!=" + resources::kSliceWriter;
  const auto found = client_.list(kind, {.namespace_ = namespace_, .label_selector = selector}, stop);
  if (!found) return found.error();
  for (const auto& slice : json::at_path(*found, {"items"})) {
    const auto removed = client_.remove(kind, {namespace_, json::string_at(slice, {"metadata", "name"})}, {json::string_at(slice, {"metadata", "uid"}), ""},
                                        kube::client::Propagation::Background, stop);
    if (!removed && removed.error().kind != base::ErrorKind::NotFound) return removed.error();
  }
  return {};
}

base::Result<void> Applier::carry_out(const plan::Step& step, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  if (const auto* apply = std::get_if<plan::ApplyObject>(&step)) {
    const auto document = apply->is_new ? only_new(apply->document) : apply->document;
    return settle(*apply->kind, document, client_.apply(*apply->kind, key_of(document), document, kFieldManager, stop), around);
  }
  if (const auto* label = std::get_if<plan::LabelObject>(&step)) {
    const auto document = label->is_new ? only_new(label->document) : label->document;
    return settle(*label->kind, document, client_.apply(*label->kind, key_of(document), document, kLabelFieldManager, stop), around);
  }
  if (const auto* lost = std::get_if<plan::ReclaimObject>(&step)) return reclaim(*lost, namespace_, around, stop);
  if (const auto* wanted = std::get_if<plan::PruneObject>(&step)) return prune(*wanted, namespace_, around, stop);
  if (const auto* slices = std::get_if<plan::PruneSlices>(&step)) return prune_slices(slices->service, namespace_, stop);
  if (const auto* whole = std::get_if<plan::ReplaceObject>(&step)) {
    auto written = client_.replace(*whole->kind, key_of(whole->document), whole->document, stop);
    if (!written) return written.error();
    around.wrote(*whole->kind, *written);
    return {};
  }
  if (const auto* removal = std::get_if<plan::DeleteObject>(&step)) {
    auto removed = client_.remove(*removal->kind, removal->key, {removal->uid, removal->resource_version}, kube::client::Propagation::Background, stop);
    if (!removed && removed.error().kind != base::ErrorKind::NotFound) return removed.error();
    around.removed(*removal->kind, removal->uid);
    return {};
  }
  if (const auto* secret = std::get_if<plan::MakeSecret>(&step)) return make_secret(secret->recipe, namespace_, around, stop);
  if (const auto* change = std::get_if<plan::ChangeSecret>(&step)) return change_secret(*change, namespace_, around, stop);
  return around.run_redis(std::get<plan::RunRedis>(step).command);
}

base::Result<void> Applier::change_secret(const plan::ChangeSecret& change, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  using kube::types::Secret;
  // Read live: caches may hold less of it than the server, and a stage must start from what there is.
  auto secret = client_.get<Secret>({namespace_, change.name}, stop);
  if (!secret) return secret.error();
  if (secret->metadata.resource_version != change.resource_version) return base::Error{base::ErrorKind::Conflict, "Secret " + change.name + " has changed since it was looked at"};
  const auto authority = client_.get<Secret>({namespace_, change.authority}, stop);
  if (!authority) return authority.error();
  const auto made = changed(std::move(*secret), change, *authority, clock_.wall());
  if (!made) return made.error();
  auto written = client_.replace(Secret::kind_info(), {namespace_, change.name}, kube::core::to_document(*made), stop);
  if (!written) return written.error();
  around.wrote(Secret::kind_info(), *written);
  return {};
}

// What is remembered of it, and before that what is left in it.
base::Result<std::optional<kube::types::Secret>> Applier::known(const plan::SecretRecipe& recipe, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  std::optional<kube::types::Secret> out;
  if (around.remembered) out = around.remembered(recipe.name);
  if (recipe.replaces_resource_version.empty()) return out;
  auto left = client_.get<kube::types::Secret>({namespace_, recipe.name}, stop);
  if (!left) return left.error();
  if (!out) out.emplace();
  for (auto& [key, value] : left->data) {
    if (!base::trim(base::from_base64(value).value_or("")).empty()) out->data[key] = std::move(value);
  }
  return out;
}

base::Result<void> Applier::make_secret(const plan::SecretRecipe& recipe, const std::string& namespace_, const Surroundings& around, std::stop_token stop) {
  const auto& kind = kube::types::Secret::kind_info();
  std::optional<kube::types::Secret> authority;
  if (const auto name = authority_of(recipe); !name.empty()) {
    // Read live: a certificate of an authority that was just replaced would be worth nothing.
    auto found = client_.get<kube::types::Secret>({namespace_, name}, stop);
    if (!found) return found.error();
    authority = std::move(*found);
  }
  const auto before = known(recipe, namespace_, around, stop);
  if (!before) return before.error();
  auto secret = make_secret_object(recipe, authority, clock_.wall(), *before);
  if (!secret) return secret.error();
  const auto document = kube::core::to_document(*secret);
  const auto written = recipe.replaces_resource_version.empty() ? client_.create(kind, document, stop)
                                                                : client_.replace(kind, {namespace_, recipe.name}, document, stop);
  return settle(kind, document, written, around);
}

}  // namespace cadence::apply
