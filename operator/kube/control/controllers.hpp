// The controllers of one operator, one or more for each kind, as a manager runs them.
// Promises: each has a queue and workers of its own, so that none waits for another's objects; at the begin of a term
// all of them look at all of their objects, because what changed while another led woke nobody here. Owns none.
#pragma once

#include <functional>
#include <vector>

#include "kube/control/controller.hpp"
#include "kube/control/manager.hpp"

namespace cadence::kube::control {

class Controllers {
 public:
  using Keys = std::function<std::vector<core::ObjectKey>()>;

  // Started in this order; `all`: every object of its kind, as the cache has them now. The controller outlives this.
  void add(Controller& controller, Keys all) { those_.push_back({&controller, std::move(all)}); }

  void requeue_all();
  // Leader-only parts, one each.
  [[nodiscard]] std::vector<Part> parts() const;
  // No call of any of them has been running for longer than this.
  [[nodiscard]] bool are_live(std::chrono::nanoseconds longest) const;

 private:
  struct Entry {
    Controller* controller;
    Keys all;
  };
  std::vector<Entry> those_;
};

}  // namespace cadence::kube::control
