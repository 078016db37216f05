// Everything around the operator: the simulated API server with its controllers, PostgreSQL's agents, Redis' nodes and
// the time. Deterministic; a copy of its state (Moment) is a place to start again from.
#pragma once

#include <set>

#include "unit/redis/model.hpp"
#include "cadence/api/cluster.hpp"
#include "databases.hpp"
#include "kube/testing/controllers.hpp"
#include "redis/executor.hpp"

namespace cadence::exploration {

inline constexpr const char* kSpace = "n";
inline constexpr const char* kCluster = "c";

struct Moment {
  kube::testing::Objects objects;
  Databases::State databases;
  redis::plan::Model redis;
  base::ManualClock clock;
};

class World {
 public:
  World();

  [[nodiscard]] Moment moment() const { return {server.snapshot(), databases.state, redis, clock}; }
  void go_back_to(const Moment& moment);

  bool step();  // everybody around looks once; false: nobody had anything to do
  void pass(std::chrono::milliseconds time) { clock.advance(time); }

  // What users do.
  void apply_spec(const json::Value& spec);
  template <class Change>
  void change_spec(Change change) {
    server.write(api::CadenceCluster::kind_info(), {kSpace, kCluster},
                 [&](json::Value& object) { change(object["spec"]); });
  }
  void annotate(const kube::core::KindInfo& kind, const std::string& name, const std::string& key,
                const std::string& value);

  [[nodiscard]] std::map<std::string, redis::ProbeResult> probe_redis(const std::vector<redis::Target>& targets) const;

  base::ManualClock clock;
  kube::testing::ApiServer server{clock, {api::CadenceCluster::kind_info()}};
  Databases databases{server, clock};
  redis::plan::Model redis{kMostShards, kMostReplicas};
  kube::testing::Controllers controllers;

 private:
  static constexpr int kMostShards = 3, kMostReplicas = 2;
  bool move_redis();

  bool is_news_ = true;
  Databases::State seen_;  // when the controllers looked last
};

}  // namespace cadence::exploration
