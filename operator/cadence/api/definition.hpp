// The CustomResourceDefinition of a kind of ours, from its field table. Pure.
// Promises: one manifest for each kind, as crds/ holds them; the schema is structural, and metadata is the API
// server's.
#pragma once

#include <string>
#include <vector>

#include "json/fields.hpp"
#include "kube/core/meta.hpp"

namespace cadence::api {

struct Definition {
  const kube::core::KindInfo* kind = nullptr;
  std::string singular, description;
  std::vector<std::string> short_names{};
  json::Value schema;                          // of the field table
  json::Value rules = json::Value::array();    // CEL, over the whole object
  json::Value columns = json::Value::array();  // what kubectl get shows
  json::Value scale = nullptr;                 // the scale subresource, where there is one
};

// The manifest as the API server takes it.
json::Value to_manifest(Definition definition);

// Of every kind of ours.
std::vector<json::Value> custom_resource_definitions();

}  // namespace cadence::api
