// Which key is next: the pure half of the work queue. No thread, no clock: time comes in as an argument.
// Promises: a key is handed out to one taker at a time; however often it is added meanwhile, it is handed out once more
// after done(); high before low, first in first out among equals; a delayed key keeps its earliest time and its highest
// priority.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/clock.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::control {

enum class Priority { Low, Normal };  // Low: what the first list brings, so that changes overtake it

class QueueOrder {
 public:
  struct Taken {
    core::ObjectKey key;
    Priority priority;
    base::Monotonic ready_since;
  };

  // True when this made a key wait that did not wait before.
  bool add(const core::ObjectKey& key, Priority priority, base::Monotonic ready_at, base::Monotonic now);
  std::optional<Taken> take(base::Monotonic now);
  void done(const core::ObjectKey& key, base::Monotonic now);

  // When the next delayed key becomes ready; nothing when none is delayed.
  [[nodiscard]] std::optional<base::Monotonic> next_ready() const;
  [[nodiscard]] std::size_t ready() const { return ready_.size(); }
  // since when
  [[nodiscard]] const std::map<core::ObjectKey, base::Monotonic>& processing() const { return processing_; }

 private:
  struct Waiting {
    Priority priority;
    base::Monotonic ready_at;
    std::uint64_t number;  // its place among equals
  };
  using Place = std::tuple<int, std::uint64_t, core::ObjectKey>;
  static Place place_of(const core::ObjectKey& key, const Waiting& waiting) {
    return {-static_cast<int>(waiting.priority), waiting.number, key};
  }
  void enlist(const core::ObjectKey& key, const Waiting& waiting, base::Monotonic now);
  void delist(const core::ObjectKey& key, const Waiting& waiting);

  std::map<core::ObjectKey, Waiting> waiting_;  // added and not yet taken
  // taken and not yet done; what waits too is in neither set below
  std::map<core::ObjectKey, base::Monotonic> processing_;
  std::set<Place> ready_;                                          // of waiting_: may be taken now
  std::set<std::pair<base::Monotonic, core::ObjectKey>> delayed_;  // of waiting_: later
  std::uint64_t next_number_ = 0;
};

}  // namespace cadence::kube::control
