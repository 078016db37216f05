#include "exploration.hpp"

namespace cadence::exploration {
namespace {

constexpr int kMostTurns = 4000;  // a run that never rests is a failure, not a test that hangs
constexpr int kIdleTurns = 15;    // in which nothing is done: it is over

}  // namespace

Run Explorer::tell(const Story& story, const std::optional<Moment>& start) {
  world_.go_back_to(start ? *start : World().moment());
  story.begin(world_);
  return run(story, {}, true);
}

Run Explorer::tell_from(const Story& story, const Moment& moment, const Mishap& mishap) {
  world_.go_back_to(moment);
  return run(story, mishap, false);
}

Run Explorer::run(const Story& story, const Mishap& mishap, bool keeps_turns) {
  Run out;
  watchman_.violations.clear();
  watchman_.may_change_secrets = story.may_change_secrets;
  auto program = std::make_unique<Program>(world_, mishap, story.images);
  auto last_change = world_.clock.monotonic();
  for (int turns = 0; turns < kMostTurns && !out.is_over; ++turns) {
    const bool has_moved = world_.step();
    std::optional<Moment> before;
    if (keeps_turns) before = world_.moment();
    const int writes = program->writes(), events = program->events();
    const bool has_worked = program->turn();
    watchman_.look();
    const int written = program->writes() - writes;
    if (before && (written > 0 || program->events() > events))
      out.turns.push_back({std::move(*before), written, program->events() - events});
    if (program->is_dead()) {
      program.reset();  // what it knew is lost
      program = std::make_unique<Program>(world_, Mishap{}, story.images);
    }
    if (has_moved || written > 0) last_change = world_.clock.monotonic();
    if (!has_moved && !has_worked) world_.pass(story.quiet / kIdleTurns);
    out.is_over = world_.clock.monotonic() - last_change >= story.quiet;
  }
  out.writes = program->writes();
  out.events = program->events();
  out.violations = watchman_.violations;
  out.end = world_.moment();
  out.end->objects.compact();
  out.picture = picture_of(out.end->objects);
  return out;
}

std::string verdict(const Run& expected, const Run& found) {
  std::string out;
  for (const auto& violation : found.violations) out += "  " + violation + "\n";
  if (!found.is_over) out += "  it does not come to rest\n";
  return out + difference(expected.picture, found.picture);
}

}  // namespace cadence::exploration
