// What must hold after each single write of the operator, whatever happens: looked at as the write is done.
#pragma once

#include <string>
#include <vector>

#include "world.hpp"

namespace cadence::exploration {

class Watchman {
 public:
  explicit Watchman(World& world);

  bool may_change_secrets = false;  // a rotation was asked for
  std::vector<std::string> violations;
  // Beside the writes: two servers that take writes at once, Redis nodes that were told to lose something.
  void look();

 private:
  void judge(const kube::testing::Change& change);
  void judge_secret(const kube::testing::Change& change);
  void judge_lease(const kube::testing::Change& change);
  void judge_pod(const kube::testing::Change& change);

  World& world_;
};

}  // namespace cadence::exploration
