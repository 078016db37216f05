// Runs of one story: first undisturbed, then with one mishap after the other. Deterministic: the name of a run is all
// that is needed to repeat it.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "picture.hpp"
#include "program.hpp"
#include "watchman.hpp"

namespace cadence::exploration {

struct Story {
  std::string name;
  std::function<void(World&)> begin;  // what the user does
  bool may_change_secrets = false;    // it asks for that
  std::chrono::seconds quiet{60};     // nothing to do for so long: it is over
  resources::Images images{};         // of the operator that carries it out
};

// Where the operator began to work on something, in the undisturbed run.
struct Turn {
  Moment moment;
  int writes = 0;  // that it did then
  int events = 0;  // that reached it then
};

struct Run {
  std::optional<Moment> end;
  Picture picture;
  int writes = 0, events = 0;
  bool is_over = false;  // it came to rest
  std::vector<std::string> violations;
  std::vector<Turn> turns;
};

class Explorer {
 public:
  Explorer() : watchman_(world_) {}

  // From `start`, or from a world with nothing in it.
  Run tell(const Story& story, const std::optional<Moment>& start);
  // Again from one of its turns, with a mishap.
  Run tell_from(const Story& story, const Moment& moment, const Mishap& mishap);
  World& world() { return world_; }

 private:
  Run run(const Story& story, const Mishap& mishap, bool keeps_turns);

  World world_;
  Watchman watchman_;
};

// What a run got wrong against the undisturbed one; empty: nothing.
std::string verdict(const Run& expected, const Run& found);

}  // namespace cadence::exploration
