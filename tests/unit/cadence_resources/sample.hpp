// Clusters for the tests, decoded from YAML as the API server would hand them over.
#pragma once

#include <gtest/gtest.h>

#include "cadence/resources/common/context.hpp"

namespace cadence::resources {

inline api::CadenceCluster cluster_from(const std::string& spec_yaml, const std::string& name = "demo") {
  const auto document = json::parse_yaml(spec_yaml);
  EXPECT_TRUE(document) << spec_yaml;
  auto spec = json::decode<api::CadenceClusterSpec>(document ? *document : json::Value::object(), "spec");
  EXPECT_TRUE(spec) << (spec ? "" : spec.error().message);
  api::CadenceCluster out;
  out.metadata.name = name;
  out.metadata.namespace_ = "cadence";
  out.metadata.uid = "6f1c1a52-0000-4000-8000-000000000001";
  if (spec) out.spec = *spec;
  return out;
}

}  // namespace cadence::resources
