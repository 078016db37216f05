#include "agent/redis/obstacles.hpp"

#include "base/log.hpp"

namespace cadence::agent::redis {
namespace {

using namespace std::chrono_literals;
using cadence::redis::Connection;
using cadence::redis::Limits;

constexpr auto kLook = 2s;
constexpr auto kBound = 500ms;

Limits soon() { return {.deadline = base::system_clock().monotonic() + kBound}; }

bool says(const base::Error& error, const char* word) { return error.message.find(word) != std::string::npos; }

// Of commands that may write, a pause of writers holds back this one, which writes nothing.
const cadence::redis::Request kHarmless{"EVAL", "return 1", "0"};

}  // namespace

bool Duration::has_lasted(Obstacle found, base::Monotonic now) {
  if (found != found_) since_ = now;
  found_ = found;
  if (found == Obstacle::None || now - since_ < kObstacleBound) return false;
  since_ = now;
  return true;
}

Obstacle Obstacles::find() const {
  auto server = Connection::open(local_endpoint(places_), local_credentials(places_), soon());
  if (!server) return Obstacle::Unknown;
  const auto alive = server->call({"PING"}, soon());
  if (!alive) return says(alive.error(), "BUSY ") ? Obstacle::Script : Obstacle::Unknown;
  const auto taken = server->call(kHarmless, soon());
  if (taken || !says(taken.error(), "in time")) return Obstacle::None;
  // That it is slow is no pause: others are answered at once.
  auto other = Connection::open(local_endpoint(places_), local_credentials(places_), soon());
  return other && other->call({"PING"}, soon()) ? Obstacle::Pause : Obstacle::Unknown;
}

void Obstacles::end_script() const {
  auto server = Connection::open(local_endpoint(places_), local_credentials(places_), soon());
  if (!server) return;
  auto told = server->call({"SCRIPT", "KILL"}, soon());
  if (!told && says(told.error(), "BUSY ")) told = server->call({"FUNCTION", "KILL"}, soon());
  if (told) return base::log_warning("Ended a script that ran without end and had written nothing");
  if (says(told.error(), "UNKILLABLE"))
    base::log_error("A script runs without end and has written: only a restart of the server ends it");
}

void Obstacles::end_pause() const {
  auto server = Connection::open(local_endpoint(places_), local_credentials(places_), soon());
  if (server && server->call({"CLIENT", "UNPAUSE"}, soon()))
    base::log_warning("Ended somebody's CLIENT PAUSE: it had kept all writes waiting");
}

void Obstacles::look() {
  const auto time = base::system_clock().monotonic();
  if (time < next_look_) return;
  next_look_ = time + kLook;
  const auto found = find();
  if (!duration_.has_lasted(found, time)) return;
  if (found == Obstacle::Script) end_script();
  if (found == Obstacle::Pause) end_pause();
  if (found == Obstacle::Unknown)
    base::log_warning("The server answers nobody: it hangs, or somebody's CLIENT PAUSE holds all commands back");
}

}  // namespace cadence::agent::redis
