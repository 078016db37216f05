#include "cadence/api/definition.hpp"

#include "cadence/api/cluster.hpp"
#include "kube/core/full_name.hpp"

namespace cadence::api {

json::Value to_manifest(Definition definition) {
  auto& schema = definition.schema;
  // The API server owns these three; a structural schema may name them but not describe metadata.
  schema["properties"]["apiVersion"] = {{"type", "string"}};
  schema["properties"]["kind"] = {{"type", "string"}};
  schema["properties"]["metadata"] = {{"type", "object"}};
  schema["properties"]["status"].erase("default");
  schema["description"] = definition.description;
  if (!definition.rules.empty()) schema["x-kubernetes-validations"] = definition.rules;
  const auto& kind = *definition.kind;
  json::Value version{{"name", kind.version},
                      {"served", true},
                      {"storage", true},
                      {"schema", {{"openAPIV3Schema", std::move(schema)}}},
                      {"subresources", {{"status", json::Value::object()}}}};
  if (!definition.columns.empty()) version["additionalPrinterColumns"] = definition.columns;
  if (!definition.scale.is_null()) version["subresources"]["scale"] = definition.scale;
  json::Value names{{"kind", kind.kind},
                    {"listKind", kind.kind + "List"},
                    {"plural", kind.plural},
                    {"singular", definition.singular},
                    {"categories", json::Value::array({"cadence"})}};
  if (!definition.short_names.empty()) names["shortNames"] = definition.short_names;
  return {{"apiVersion", "apiextensions.k8s.io/v1"},
          {"kind", "CustomResourceDefinition"},
          {"metadata", {{"name", kube::core::full_name(kind)}}},
          {"spec",
           {{"group", kind.group},
            {"names", std::move(names)},
            {"scope", kind.is_namespaced ? "Namespaced" : "Cluster"},
            {"versions", json::Value::array({std::move(version)})}}}};
}

std::vector<json::Value> custom_resource_definitions() { return {custom_resource_definition()}; }

}  // namespace cadence::api
