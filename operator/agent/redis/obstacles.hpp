// What keeps a running server from serving though it lives: a script or function without end, and somebody's CLIENT
// PAUSE. Promises: neither is ended before it has lasted for kObstacleBound, and then only where nothing is lost: a
// script that has written goes on, and that is said; a pause of all commands cannot be ended by anybody, which is said
// too, and the liveness probe starts the server again. Each with a line in the log. Knows nothing of other nodes.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "agent/redis/configuration.hpp"
#include "base/clock.hpp"

namespace cadence::agent::redis {

// Longer than any failover by hand pauses its clients, and than a script that does no harm runs.
inline constexpr std::chrono::seconds kObstacleBound{30};

enum class Obstacle {
  None,
  Unknown,  // no answer, for any reason
  Script,   // BUSY
  Pause,    // commands that write are held back
};

// Since when the same obstacle stands.
class Duration {
 public:
  // True once it has stood for the bound; then it counts from the beginning.
  bool has_lasted(Obstacle found, base::Monotonic now);

 private:
  Obstacle found_ = Obstacle::None;
  base::Monotonic since_{};
};

class Obstacles {
 public:
  explicit Obstacles(Places places) : places_(std::move(places)) {}
  // At most every two seconds.
  void look();

 private:
  [[nodiscard]] Obstacle find() const;
  void end_script() const;
  void end_pause() const;

  Places places_;
  Duration duration_;
  base::Monotonic next_look_{};
};

}  // namespace cadence::agent::redis
