// A settled cluster over which single passes go, and nobody moves but the operator.
#pragma once

#include <gtest/gtest.h>

#include "cadence/names/names.hpp"
#include "exploration.hpp"
#include "stories.hpp"

namespace cadence::exploration {

inline const kube::core::ObjectKey kLease{kSpace, names::Names(kCluster).postgres()};
inline const kube::core::ObjectKey kPrimary{kSpace, names::Names(kCluster).postgres_instance(1)};

class Pass : public ::testing::Test {
 protected:
  Pass() {
    static const auto settled = *Explorer().tell(bring_up(), {}).end;
    world_.go_back_to(settled);
  }

  // Until it has nothing to do. Nobody else moves.
  static void finish(Program& program) {
    for (int turns = 0; turns < 100 && program.turn(); ++turns) {
    }
  }

  std::chrono::nanoseconds pause_of(const Program& program) {
    const auto next = program.next_ready();
    return next ? *next - world_.clock.monotonic() : std::chrono::hours(24);
  }

  std::string holder() {
    return json::string_at(*world_.server.find(kube::types::Lease::kind_info(), kLease), {"spec", "holderIdentity"});
  }

  World world_;
};

}  // namespace cadence::exploration
