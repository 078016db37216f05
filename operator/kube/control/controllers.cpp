#include "kube/control/controllers.hpp"

#include <algorithm>

namespace cadence::kube::control {

void Controllers::requeue_all() {
  for (const auto& [controller, all] : those_) {
    for (const auto& key : all()) controller->add(key);
  }
}

std::vector<Part> Controllers::parts() const {
  std::vector<Part> out;
  for (const auto& entry : those_) {
    auto& controller = *entry.controller;
    const auto start = [&controller]() -> base::Result<void> {
      controller.start();
      return {};
    };
    const auto stop = [&controller](std::chrono::milliseconds grace) { controller.stop(grace); };
    out.push_back({controller.name(), start, stop, {}});
  }
  return out;
}

bool Controllers::are_live(std::chrono::nanoseconds longest) const {
  return std::all_of(those_.begin(), those_.end(),
                     [&](const Entry& entry) { return entry.controller->is_live(longest); });
}

}  // namespace cadence::kube::control
