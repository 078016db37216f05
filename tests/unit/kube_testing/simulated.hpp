// A simulated API server with a client of it, for tests.
#pragma once

#include <gtest/gtest.h>

#include "kube/client/client.hpp"
#include "kube/testing/connection.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/core.hpp"

namespace cadence::kube::testing {

inline const core::KindInfo kKiln{"test.example", "v1", "Kiln", "kilns", true};

inline std::shared_ptr<client::ConfigSource> no_credentials() {
  client::Config config;
  config.host = "simulated";
  return client::make_config_source(config);
}

class Simulated : public ::testing::Test {
 protected:
  client::Client make_client(Connection& way, const std::string& agent = "tester") {
    return {way.transport(), no_credentials(), {.user_agent = agent + "/1"}};
  }
  // What the object holds at a path, as text.
  std::string text(const core::KindInfo& kind, const std::string& name, std::initializer_list<std::string_view> path) {
    const auto found = server.find(kind, {"n", name});
    return found == nullptr ? "none" : json::dump(json::at_path(*found, path));
  }
  static json::Value config_map(const std::string& name, const json::Value& data) {
    return {{"metadata", {{"name", name}, {"namespace", "n"}}}, {"data", data}};
  }
  const core::KindInfo& maps = types::ConfigMap::kind_info();

  base::ManualClock clock;
  ApiServer server{clock, {kKiln}};
  Connection connection{server, {}};
  client::Client client = make_client(connection);
};

}  // namespace cadence::kube::testing
