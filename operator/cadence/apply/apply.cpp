#include "cadence/apply/apply.hpp"

#include "base/text.hpp"
#include "cadence/apply/secret_change.hpp"
#include "cadence/apply/secret_content.hpp"
#include "cadence/names/names.hpp"
#include "cadence/plan/common/dependence.hpp"
#include "kube/types/core.hpp"
#include "kube/types/discovery.hpp"

namespace cadence::apply {
namespace {

kube::core::ObjectKey key_of(const json::Value& document) {
  return {json::string_at(document, {"metadata", "namespace"}), json::string_at(document, {"metadata", "name"})};
}

// Server-side apply has no "only where there is none"; a version that no object has says it: it is compared only where
// there is one.
json::Value aimed(json::Value document, const std::string& uid) {
  document["metadata"][uid.empty() ? "resourceVersion" : "uid"] = uid.empty() ? "1" : uid;
  return document;
}

// A policy of the cluster's may take labels off on the way. What has lost ours is in none of our caches, so nothing may
// wait for it there.
base::Result<void> check_labels(const kube::core::KindInfo& kind, const json::Value& sent, const json::Value& written) {
  for (const char* name : {names::kManagedByLabel, names::kInstanceLabel}) {
    const auto wanted = json::string_at(sent, {"metadata", "labels", name});
    if (wanted.empty() || json::string_at(written, {"metadata", "labels", name}) == wanted) continue;
    return base::Error{base::ErrorKind::Invalid, kind.kind + " " + key_of(written).name + " lost its label " + name +
                                                     std::string(plan::kLabelTaken)};
  }
  return {};
}

// Redis servers are no part of the API server: what one of them will not do ends the run, as any bad moment does.
bool concerns_one_object(const base::Error& error, const plan::Action& action) {
  return plan::is_refusal(error) && !std::holds_alternative<plan::RunRedis>(action.step);
}

}  // namespace

Outcome Applier::run(const plan::Plan& plan, const std::string& namespace_, const Surroundings& around,
                     std::stop_token stop) {
  Outcome outcome;
  std::vector<const plan::Action*> unwritten;  // what others may need
  for (std::size_t at = 0; at < plan.actions.size(); ++at) {
    const auto& action = plan.actions[at];
    if (at == plan.first && outcome.done > 0) return outcome;
    if (stop.stop_requested()) {
      outcome.failure = Failure{action.object, {base::ErrorKind::Canceled, "The operator is stopping"}};
      return outcome;
    }
    if (plan::must_wait(action, unwritten)) {
      unwritten.push_back(&action);
      outcome.waiting.push_back(action.object);
      continue;
    }
    const auto result = std::visit(
        [&](const auto& step) {
          return carry_out(step, Run{namespace_, around, stop});
        },
        action.step);
    if (!result) around.finished(action, &result.error());
    if (!result && concerns_one_object(result.error(), action)) {
      outcome.refused.push_back(plan::refusal_of(result.error(), action));
      if (action.hint.empty() && action.field.empty()) unwritten.push_back(&action);
      continue;
    }
    if (!result) {
      outcome.failure = Failure{action.object, result.error()};
      return outcome;
    }
    around.finished(action, nullptr);
    if (outcome.done++ == 0) outcome.first_done = action.why;
  }
  return outcome;
}

base::Result<void> Applier::settle(const kube::core::KindInfo& kind, const json::Value& sent,
                                   const base::Result<json::Value>& written, const Run& run) {
  if (!written) return written.error();
  if (auto kept = check_labels(kind, sent, *written); !kept) return kept;
  run.around.wrote(kind, *written);
  return {};
}

base::Result<void> Applier::carry_out(const plan::ApplyObject& step, const Run& run) {
  const auto document = aimed(step.document, step.uid);
  return settle(*step.kind, document, client_.apply(*step.kind, key_of(document), document, kFieldManager, run.stop),
                run);
}

base::Result<void> Applier::carry_out(const plan::LabelObject& step, const Run& run) {
  const auto document = aimed(step.document, step.uid);
  return settle(*step.kind, document,
                client_.apply(*step.kind, key_of(document), document, kLabelFieldManager, run.stop), run);
}

base::Result<void> Applier::carry_out(const plan::PatchObject& step, const Run& run) {
  auto patch = step.patch;
  patch["metadata"]["uid"] = step.uid;
  patch["metadata"]["resourceVersion"] = step.resource_version;
  return settle(
      *step.kind, patch,
      client_.patch(*step.kind, {run.namespace_, step.name}, patch, kube::client::PatchType::Merge, {}, run.stop), run);
}

base::Result<void> Applier::carry_out(const plan::PruneSlices& step, const Run& run) {
  const auto& kind = kube::types::EndpointSlice::kind_info();
  // Its Endpoints stay too, and would be mirrored into a slice as soon as there is no selector.
  static const kube::core::KindInfo endpoints{.group = "", .version = "v1", .kind = "Endpoints", .plural = "endpoints"};
  const auto gone =
      client_.remove(endpoints, {run.namespace_, step.service}, {}, kube::client::Propagation::Background, run.stop);
  if (!gone && gone.error().kind != base::ErrorKind::NotFound) return gone.error();
  const auto selector = std::string(kube::types::kServiceNameLabel) + "=" + step.service + "," +
                        kube::types::kSliceManagedByLabel + "!=" + names::kSliceWriter;
  const auto found = client_.list(kind, {.namespace_ = run.namespace_, .label_selector = selector}, run.stop);
  if (!found) return found.error();
  for (const auto& slice : json::at_path(*found, {"items"})) {
    const auto removed = client_.remove(kind, {run.namespace_, json::string_at(slice, {"metadata", "name"})},
                                        {json::string_at(slice, {"metadata", "uid"}), ""},
                                        kube::client::Propagation::Background, run.stop);
    if (!removed && removed.error().kind != base::ErrorKind::NotFound) return removed.error();
  }
  return {};
}

base::Result<void> Applier::carry_out(const plan::ReplaceObject& step, const Run& run) {
  const auto written = client_.replace(*step.kind, key_of(step.document), step.document, run.stop);
  if (!written) return written.error();
  run.around.wrote(*step.kind, *written);
  return {};
}

base::Result<void> Applier::carry_out(const plan::DeleteObject& step, const Run& run) {
  const auto removed = client_.remove(*step.kind, step.key, {step.uid, step.resource_version},
                                      kube::client::Propagation::Background, run.stop);
  if (!removed && removed.error().kind != base::ErrorKind::NotFound) return removed.error();
  run.around.removed(*step.kind, step.uid);
  return {};
}

base::Result<void> Applier::carry_out(const plan::RunRedis& step, const Run& run) {
  return run.around.run_redis(step.command);
}

base::Result<void> Applier::carry_out(const plan::ChangeSecret& change, const Run& run) {
  using kube::types::Secret;
  // Read live: caches may hold less of it than the server, and a stage must start from what there is.
  auto secret = client_.get<Secret>({run.namespace_, change.name}, run.stop);
  if (!secret) return secret.error();
  if (secret->metadata.resource_version != change.resource_version)
    return base::Error{base::ErrorKind::Conflict, "Secret " + change.name + " has changed since it was looked at"};
  const auto authority = client_.get<Secret>({run.namespace_, change.authority}, run.stop);
  if (!authority) return authority.error();
  const auto made = changed(std::move(*secret), change, *authority, clock_.wall());
  if (!made) return made.error();
  auto written =
      client_.replace(Secret::kind_info(), {run.namespace_, change.name}, kube::core::to_document(*made), run.stop);
  if (!written) return written.error();
  run.around.wrote(Secret::kind_info(), *written);
  return {};
}

// What is remembered of it, and before that what is left in it.
base::Result<std::optional<kube::types::Secret>> Applier::known(const plan::SecretRecipe& recipe, const Run& run) {
  std::optional<kube::types::Secret> out;
  if (run.around.remembered) out = run.around.remembered(recipe.name);
  if (recipe.replaces_resource_version.empty()) return out;
  auto left = client_.get<kube::types::Secret>({run.namespace_, recipe.name}, run.stop);
  if (!left) return left.error();
  if (!out) out.emplace();
  for (auto& [key, value] : left->data) {
    if (!base::trim(base::from_base64(value).value_or("")).empty()) out->data[key] = std::move(value);
  }
  return out;
}

base::Result<void> Applier::carry_out(const plan::MakeSecret& step, const Run& run) {
  const auto& recipe = step.recipe;
  const auto& kind = kube::types::Secret::kind_info();
  std::optional<kube::types::Secret> authority;
  if (const auto name = authority_of(recipe); !name.empty()) {
    // Read live: a certificate of an authority that was just replaced would be worth nothing.
    auto found = client_.get<kube::types::Secret>({run.namespace_, name}, run.stop);
    if (!found) return found.error();
    authority = std::move(*found);
  }
  const auto before = known(recipe, run);
  if (!before) return before.error();
  auto secret = make_secret_object(recipe, authority, clock_.wall(), *before);
  if (!secret) return secret.error();
  const auto document = kube::core::to_document(*secret);
  const auto written = recipe.replaces_resource_version.empty()
                           ? client_.create(kind, document, run.stop)
                           : client_.replace(kind, {run.namespace_, recipe.name}, document, run.stop);
  return settle(kind, document, written, run);
}

}  // namespace cadence::apply
