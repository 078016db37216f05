// Every field of the spec that the CRD knows is changed alone and put back: the cluster comes to rest both times, and
// is in the end as it was. A field that a later version adds is in it without anybody's doing.
#include <gtest/gtest.h>

#include <set>

#include "exploration.hpp"
#include "stories.hpp"
#include "stride.hpp"

namespace cadence::exploration {
namespace {

struct Field {
  std::vector<std::string> path;
  json::Value schema;
  [[nodiscard]] std::string name() const {
    std::string out;
    for (const auto& part : path) out += (out.empty() ? "" : ".") + part;
    return out;
  }
};

void collect(const json::Value& schema, std::vector<std::string> path, std::vector<Field>& out) {
  const auto& properties = json::at_path(schema, {"properties"});
  if (!properties.is_object()) {
    out.push_back({std::move(path), schema});
    return;
  }
  for (const auto& [name, inner] : properties.items()) {
    path.push_back(name);
    collect(inner, path, out);
    path.pop_back();
  }
}

std::vector<Field> fields() {
  const auto manifest = api::custom_resource_definition();
  std::vector<Field> out;
  collect(manifest.at("spec").at("versions").at(0).at("schema").at("openAPIV3Schema").at("properties").at("spec"), {},
          out);
  return out;
}

// Fields that only make sense with others: what is merged into the spec before theirs is set.
json::Value with(const std::string& name) {
  static const std::vector<std::pair<std::string, const char*>> out{
      {"backup.destination.s3",
       R"({"backup":{"destination":{"persistentVolumeClaim":null,"s3":{"bucket":"abc","endpoint":"https://s3"}}}})"},
      {"loadBalancer.tls.selfSigned", R"({"loadBalancer":{"tls":{"secretName":"other"}}})"},
      {"region", R"({"region":{"name":"one","primary":"one"}})"},
      {"webhook.tracing",
       R"({"webhook":{"tracing":{"endpoint":"https://otel","headersSecretRef":{"name":"otel","key":"headers"},
           "caSecretRef":{"name":"otel","key":"ca.crt"}}}})"}};
  for (const auto& [prefix, patch] : out) {
    if (name.starts_with(prefix)) return *json::parse(patch);
  }
  return json::Value::object();
}

// Values to try, the first that the API takes counts; all of an enumeration.
std::vector<json::Value> candidates(const Field& field) {
  const auto& names = json::at_path(field.schema, {"enum"});
  if (names.is_array()) return names.get<std::vector<json::Value>>();
  const auto type = json::string_at(field.schema, {"type"});
  const auto& normal = json::at_path(field.schema, {"default"});
  if (type == "boolean") return {!normal.is_boolean() || !normal.get<bool>()};
  if (type == "integer" || type == "number") {
    const auto base = normal.is_number() ? normal.get<int>() : 1;
    return {base + 1, base - 1, 1};
  }
  if (type == "array") {
    const json::Value reference{{"name", "other"}, {"key", "other"}};
    const json::Value spread{
        {"maxSkew", 1}, {"topologyKey", "other"}, {"whenUnsatisfiable", "ScheduleAnyway"}, {"labelSelector", {}}};
    json::Value out;
    out = {{"other"}, {"10.0.0.0/8"}, {"postgres"}, {"https://other"}, {1}};
    out.push_back(json::Value::array({{{"secretRef", reference}}}));
    out.push_back(json::Value::array({{{"provider", "github"}, {"tokenSecretRef", reference}, {"of", {"a/b"}}}}));
    out.push_back(json::Value::array({{{"provider", "github"}, {"tokenSecretRef", reference}}}));
    out.push_back(json::Value::array({{{"key", "other"}, {"operator", "Exists"}}}));
    out.push_back(json::Value::array({spread}));
    return out.get<std::vector<json::Value>>();
  }
  if (type == "object")
    return {
        {{"work_mem", "8MB"}}, {{"maxclients", "500"}}, {{"cpu", "100m"}}, {{"other", "1"}}, {{"form_issues", true}}};
  return {"other", "7s", "2h", "30Gi", "0 3 * * *", "/other", "https://other"};
}

std::optional<json::Value> spec_with(const json::Value& spec, const Field& field, const json::Value& value) {
  auto out = spec;
  json::merge(out, with(field.name()));
  auto* at = &out;
  for (const auto& part : field.path) at = &(*at)[part];
  if (*at == value) return std::nullopt;
  *at = value;
  const auto decoded = json::decode<api::CadenceClusterSpec>(out, "spec");
  if (!decoded || !api::validate_spec(*decoded).empty()) return std::nullopt;
  return json::encode(*decoded);
}

std::vector<json::Value> changed(const json::Value& spec, const Field& field) {
  std::vector<json::Value> out;
  for (const auto& value : candidates(field)) {
    auto one = spec_with(spec, field, value);
    if (one && *one != spec) out.push_back(std::move(*one));
    if (!field.schema.contains("enum") && !out.empty()) break;
  }
  return out;
}

Story set_spec(const std::string& name, const json::Value& spec) {
  Story out{name, [spec](World& world) { world.change_spec([&](json::Value& live) { live = spec; }); }};
  out.may_change_secrets = true;  // whom a field switches off goes with its Secret
  return out;
}

// Volumes that have grown or were added stay, for what they hold.
const std::set<std::string>& one_way() {
  static const std::set<std::string> out{"postgres.instances", "postgres.storage.size", "postgres.storage.walSize",
                                         "redis.replicasPerShard", "redis.storage.size"};
  return out;
}

TEST(Fields, CanBeChangedAndPutBack) {
  Explorer explorer;
  const auto start = explorer.tell(bring_up(), {});
  const auto spec = explorer.world().server.find(api::CadenceCluster::kind_info(), {kSpace, kCluster})->at("spec");
  const int stride = wanted_stride();
  int changes = 0, tried = 0;
  std::string unknown;
  for (const auto& field : fields()) {
    const auto others = changed(spec, field);
    const bool has_one_value = field.schema.contains("enum") && field.schema.at("enum").size() == 1;
    if (others.empty() && !has_one_value) unknown += " " + field.name();
    for (const auto& other : others) {
      if (++changes % stride != 0) continue;
      ++tried;
      SCOPED_TRACE(field.name());
      const auto there = explorer.tell(set_spec("there", other), start.end);
      EXPECT_EQ(verdict(there, there), "") << "there";
      const auto back = explorer.tell(set_spec("back", spec), there.end);
      EXPECT_EQ(verdict(one_way().contains(field.name()) ? back : start, back), "") << "and back";
    }
  }
  EXPECT_EQ(unknown, "") << "fields of which no other value is known here";
  std::printf("%d of %d changes\n", tried, changes);
}

}  // namespace
}  // namespace cadence::exploration
