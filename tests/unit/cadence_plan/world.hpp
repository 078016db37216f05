// A cluster as the API server would hold it, for tests of the pure rules: what a plan applies is there afterwards.
#pragma once

#include <algorithm>

#include "base/text.hpp"
#include "cadence/plan/plan.hpp"
#include "cadence/plan/secrets/secrets.hpp"

namespace cadence::plan {

class World {
 public:
  explicit World(const char* spec = "{}") {
    auto cluster = std::make_shared<api::CadenceCluster>();
    cluster->metadata.name = "c";
    cluster->metadata.namespace_ = "n";
    cluster->metadata.uid = "uid-c";
    cluster->metadata.generation = 1;
    cluster->spec = *json::decode<api::CadenceClusterSpec>(*json::parse(spec), "spec");
    seen.cluster = cluster;
  }

  [[nodiscard]] Plan plan() const { return make_plan(seen, {}, now); }

  // Carries out everything but Redis commands, as the API server would.
  void apply(const Plan& plan) {
    for (const auto& action : plan.actions) {
      if (const auto* object = std::get_if<ApplyObject>(&action.step)) put(*object->kind, object->document);
      if (const auto* whole = std::get_if<ReplaceObject>(&action.step)) put(*whole->kind, whole->document);
      if (const auto* label = std::get_if<LabelObject>(&action.step)) put(*label->kind, label->document);
      if (const auto* secret = std::get_if<MakeSecret>(&action.step)) {
        json::Value document{{"metadata", secret->recipe.metadata}};
        for (const char* key : {"username", "dbname", "host", "uri"}) document["data"][key] = "eA==";
        if (const auto* made = std::get_if<SecretRecipe::Passwords>(&secret->recipe.content)) {
          for (const auto& [key, length] : made->length_by_key) document["data"][key] = "eA==";
        }
        document["data"]["password"] = "eA==";
        document["data"]["uri"] = base::to_base64("postgresql://x:x@x:5432,x:5432/x?sslmode=verify-full");
        if (const auto* copy = std::get_if<SecretRecipe::StandIn>(&secret->recipe.content))
          document["data"] = json::at_path(seen.child("Secret", copy->source)->document, {"data"});
        put(kube::types::Secret::kind_info(), document);
      }
      if (const auto* removal = std::get_if<DeleteObject>(&action.step)) {
        seen.children.erase({removal->kind->kind, removal->key.name});
        seen.pods.erase(removal->key.name);
        if (removal->kind->kind == "Lease") seen.postgres_lease.reset();
      }
    }
  }

  void put(const kube::core::KindInfo& kind, json::Value document) {
    const auto name = json::string_at(document, {"metadata", "name"});
    auto& live = seen.children[{kind.kind, name}];
    live.kind = &kind;
    if (live.document.is_null()) live.document = json::Value::object();
    json::merge(live.document, document);
    live.document["metadata"]["uid"] = "uid-" + name;
    if (kind.kind == "Pod")
      seen.pods[name] = std::make_shared<kube::types::Pod>(json::decode_leniently<kube::types::Pod>(live.document));
    if (kind.kind == "Deployment" && name == "c-webhook")
      seen.webhook =
          std::make_shared<kube::types::Deployment>(json::decode_leniently<kube::types::Deployment>(live.document));
    if (kind.kind == "Lease")
      seen.postgres_lease =
          std::make_shared<kube::types::Lease>(json::decode_leniently<kube::types::Lease>(live.document));
  }

  json::Value cluster_owner() const { return json::encode(names::owner_of(*seen.cluster)); }

  void initialise_postgres(const std::string& primary) {
    put(kube::types::Lease::kind_info(),
        {{"metadata", {{"name", "c-postgres"}, {"annotations", {{"cadence.noslop.tech/system-identifier", "7"}}}}},
         {"spec", {{"holderIdentity", primary}}}});
  }

  void settle() {
    for (int round = 0; round < 10; ++round) {
      const auto next = plan();
      if (std::all_of(next.actions.begin(), next.actions.end(),
                      [](const Action& a) { return std::holds_alternative<RunRedis>(a.step); }))
        return;
      apply(next);
    }
  }

  facts::Observation seen;
  base::Wall now = base::parse_rfc3339("2026-03-04T10:00:00Z");
};

inline bool has_action(const Plan& plan, const std::string& object) {
  return std::any_of(plan.actions.begin(), plan.actions.end(),
                     [&](const Action& a) { return a.object.to_string() == object; });
}

}  // namespace cadence::plan
