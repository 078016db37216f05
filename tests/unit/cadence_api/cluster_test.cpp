#include "cadence/api/cluster.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cadence/api/definition.hpp"
#include "cadence/api/object_keys.hpp"

namespace cadence::api {
namespace {

std::string problems_of(const char* spec_json) {
  auto spec = json::decode<CadenceClusterSpec>(*json::parse(spec_json), "spec");
  return spec ? json::to_string(validate_spec(*spec)) : spec.error().message;
}

TEST(CadenceClusterSpec, EmptyIsValidAndHighlyAvailable) {
  const CadenceClusterSpec spec;
  EXPECT_EQ(problems_of("{}"), "");
  EXPECT_EQ(spec.webhook.replicas, 3);
  EXPECT_EQ(spec.redis.shards * (1 + spec.redis.replicas_per_shard), 6);
  EXPECT_EQ(spec.postgres.instances, 3);
  EXPECT_EQ(spec.postgres.synchronous.mode, "Required");
}

TEST(CadenceClusterSpec, NamesTheFieldOfEveryBrokenRule) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"webhook":{"replicas":101}})", "spec.webhook.replicas: must be less than or equal to 100"},
      {R"({"redis":{"shards":2}})", "spec.redis.shards: two shards"},
      {R"({"redis":{"shards":0}})", "spec.redis.shards: must be greater than or equal to 1"},
      {R"({"redis":{"config":{"port":"1"}}})", "spec.redis.config.port: is owned by the operator"},
      {R"({"redis":{"nodeTimeout":"soon"}})", "spec.redis.nodeTimeout: must be a duration"},
      {R"({"redis":{"storage":{"size":"big"}}})", "spec.redis.storage.size: must be a size"},
      {R"({"postgres":{"instances":1}})", "spec.postgres: synchronous.mode Required needs more instances"},
      {R"({"postgres":{"parameters":{"listen_addresses":"*"}}})",
       "spec.postgres.parameters.listen_addresses: is owned by the operator"},
      {R"({"monitoring":{"namespaces":["watch","a.b"]}})",
       "spec.monitoring.namespaces[1]: is not the name of a namespace"},
      {R"({"monitoring":{"namespaces":[""]}})", "spec.monitoring.namespaces[0]: is not the name of a namespace"},
      {R"({"postgres":{"lease":{"duration":"4s","renew":"2s"}}})", "spec.postgres.lease: duration must be"},
      {R"({"postgres":{"lease":{"duration":"9s","renew":"50ms"}}})",
       "spec.postgres.lease: lease renew must be at least 100 ms"},
      {R"({"postgres":{"parameters":{"fsync":"off"}}})",
       "spec.postgres.parameters.fsync: must not be off (a crash would destroy the database): remove it"},
      {R"({"postgres":{"parameters":{"Synchronous_Commit":"local"}}})",
       "spec.postgres.parameters.Synchronous_Commit: must not be local"},
      {R"({"webhook":{"autoscaling":{"minReplicas":5,"maxReplicas":2}}})", "spec.webhook.autoscaling: minReplicas"},
      {R"({"loadBalancer":{"tls":{"selfSigned":false}}})", "spec.loadBalancer.tls: name a Secret"},
      {R"({"loadBalancer":{"type":"Apache"}})", "spec.loadBalancer.type: must be one of HAProxy, Nginx, None"},
      {R"({"podTemplate":{"labels":{"bad key!":"x"}}})", "spec.podTemplate.labels[bad key!]: the key must be a name"},
      {R"({"podTemplate":{"labels":{"team":"kiln/ovens"}}})",
       "spec.podTemplate.labels[team]: must be at most 63 letters"},
      {R"({"podTemplate":{"labels":{"a..b/c":"x"}}})", "spec.podTemplate.labels[a..b/c]: the key must have a domain"},
      {R"({"podTemplate":{"labels":{"a":"1234567890123456789012345678901234567890123456789012345678901234"}}})",
       "spec.podTemplate.labels[a]: must be at most 63"},
      {R"({"podTemplate":{"nodeSelector":{"a":"-"}}})", "spec.podTemplate.nodeSelector[a]: must be at most 63"},
      {R"({"podTemplate":{"annotations":{"a/b/c":"x"}}})",
       "spec.podTemplate.annotations[a/b/c]: the key must be a name"},
      {R"({"loadBalancer":{"service":{"annotations":{"":"x"}}}})",
       "spec.loadBalancer.service.annotations[]: the key must be a name"},
      {R"({"podTemplate":{"tolerations":[{"key":"a","operator":"Is"}]}})",
       "spec.podTemplate.tolerations[0].operator: must be Equal or Exists"},
      {R"({"podTemplate":{"tolerations":[{"value":"a"}]}})",
       "spec.podTemplate.tolerations[0].operator: must be Exists where there is no key"},
      {R"({"podTemplate":{"tolerations":[{"key":"a","effect":"Never"}]}})",
       "spec.podTemplate.tolerations[0].effect: must be NoSchedule"},
      {R"({"podTemplate":{"tolerations":[{"key":"a","tolerationSeconds":3}]}})",
       "spec.podTemplate.tolerations[0].effect: must be NoExecute"},
      {R"({"podTemplate":{"topologySpreadConstraints":
    [{"maxSkew":0,"topologyKey":"zone","whenUnsatisfiable":"DoNotSchedule"}]}})",
       "spec.podTemplate.topologySpreadConstraints[0].maxSkew: must be"},
      {R"({"webhook":{"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"500m"}}}})",
       "spec.webhook.resources.requests.cpu: must not exceed its limit of 500m"},
      {R"({"postgres":{"instances":"three"}})", "spec.postgres.instances: must be a whole number"},
  };
  for (const auto& [spec, expected] : rows)
    EXPECT_EQ(problems_of(spec).rfind(expected, 0), 0U) << spec << " gave: " << problems_of(spec);
}

TEST(CadenceClusterSpec, TakesWhatTheApiServerTakes) {
  EXPECT_EQ(problems_of(
                R"({"podTemplate":{"labels":{"team":"Kiln_1.x","example.com/a.b-c":""},
    "annotations":{"a/b":"any thing/at all"},"nodeSelector":{"kubernetes.io/os":"linux"},
    "tolerations":[{"operator":"Exists"},{"key":"a","value":"b","effect":"NoExecute","tolerationSeconds":3}],
    "topologySpreadConstraints":[{"maxSkew":1,
    "topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"ScheduleAnyway"}]}})"),
            "");
}

TEST(CadenceClusterSpec, KnowsTheOperatorsOwnLabels) {
  for (const char* key : {"cadence.noslop.tech/role", "cadence.noslop.tech/shard", "app.kubernetes.io/component"})
    EXPECT_TRUE(is_own_label(key)) << key;
  for (const char* key : {"role", "shard", "app.kubernetes.io/created-by", "x.cadence.noslop.tech/role"})
    EXPECT_FALSE(is_own_label(key)) << key;
}

TEST(CustomResourceDefinition, AStorageClassCannotChange) {
  const auto schema = json::schema(json::type_of<CadenceCluster>());
  for (const char* part : {"postgres", "redis"}) {
    const auto& rules = json::at_path(schema, {"properties", "spec", "properties", part, "properties", "storage",
                                               "properties", "storageClassName", "x-kubernetes-validations"});
    ASSERT_EQ(rules.size(), 1U) << part;
    EXPECT_EQ(json::string_at(rules[0], {"rule"}), "self == oldSelf");
  }
}

TEST(CustomResourceDefinition, EveryKindMatchesItsCommittedManifest) {
  for (const auto& manifest : custom_resource_definitions()) {
    const auto name = json::string_at(manifest, {"spec", "names", "plural"}) + ".yaml";
    std::ifstream file(CADENCE_SOURCE_DIR "/crds/" + name);
    std::stringstream text;
    text << file.rdbuf();
    auto committed = json::parse_yaml(text.str());
    ASSERT_TRUE(committed) << name;
    EXPECT_TRUE(*committed == manifest) << "crds/" << name << " has drifted: run cadence-crds";
  }
}

// What a second kind needs, and no more.
TEST(CustomResourceDefinition, FollowsFromTheFieldTableOfAnyKind) {
  const kube::core::KindInfo kiln{"test.example", "v1beta1", "Kiln", "kilns", true};
  Definition definition;
  definition.kind = &kiln;
  definition.singular = "kiln";
  definition.description = "It burns.";
  definition.schema = json::schema(json::type_of<CadenceCluster>());
  const auto manifest = to_manifest(std::move(definition));
  EXPECT_EQ(json::string_at(manifest, {"metadata", "name"}), "kilns.test.example");
  const auto& version = json::at_path(manifest, {"spec", "versions"}).at(0);
  EXPECT_EQ(json::string_at(version, {"name"}), "v1beta1");
  EXPECT_EQ(json::dump(version.at("subresources")), R"({"status":{}})");
  const auto& schema = json::at_path(version, {"schema", "openAPIV3Schema"});
  EXPECT_EQ(json::string_at(schema, {"description"}), "It burns.");
  EXPECT_FALSE(schema.contains("x-kubernetes-validations") || version.contains("additionalPrinterColumns"));
  EXPECT_FALSE(json::at_path(manifest, {"spec", "names"}).contains("shortNames"));
}

// Every level of a structural schema is typed and documented, and every text, list and map is bounded (CEL's cost
// estimate needs it).
void expect_documented(const json::Value& schema, const std::string& path) {
  if (schema.contains("x-kubernetes-int-or-string")) return;
  EXPECT_TRUE(schema.contains("type")) << path;
  if (!schema.contains("properties")) return;
  for (const auto& [name, property] : schema["properties"].items()) {
    const auto child = path + "." + name;
    if (name == "apiVersion" || name == "kind" || name == "metadata") continue;
    EXPECT_TRUE(property.contains("description")) << child;
    const bool is_spec = child.rfind(".spec", 0) == 0;
    if (is_spec && property.value("type", "") == "string") {
      EXPECT_TRUE(property.contains("maxLength")) << child;
    }
    if (is_spec && property.value("type", "") == "array") {
      EXPECT_TRUE(property.contains("maxItems")) << child;
    }
    if (is_spec && property.contains("additionalProperties")) {
      EXPECT_TRUE(property.contains("maxProperties")) << child;
    }
    expect_documented(property, child);
  }
}

TEST(CustomResourceDefinition, DocumentsAndBoundsEveryField) {
  expect_documented(custom_resource_definition()["spec"]["versions"][0]["schema"]["openAPIV3Schema"], "");
}

}  // namespace
}  // namespace cadence::api
