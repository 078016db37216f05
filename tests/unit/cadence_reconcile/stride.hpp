// How many of the runs are made: every so many, another one for each story; CADENCE_EXPLORATION_STRIDE=1: all of them.
#pragma once

#include <algorithm>
#include <cstdlib>

namespace cadence::exploration {

inline int wanted_stride() {
  const char* asked = std::getenv("CADENCE_EXPLORATION_STRIDE");
  return asked == nullptr ? 48 : std::max(1, std::atoi(asked));
}

}  // namespace cadence::exploration
