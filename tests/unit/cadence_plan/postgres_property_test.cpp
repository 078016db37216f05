// What must hold of every plan, whatever the world looks like: states that no table lists, made at random from a fixed
// seed.
#include <gtest/gtest.h>

#include <random>

#include "cadence/plan/postgres/operation.hpp"
#include "postgres_world.hpp"

namespace cadence::plan {
namespace {

class Chaos {
 public:
  explicit Chaos(unsigned seed) : random_(seed) {}

  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  int up_to(int most) { return static_cast<int>(random_() % static_cast<unsigned>(most + 1)); }

  PostgresWorld break_things(PostgresWorld world) {
    world.change_spec([&](auto& spec) {
      spec.postgres.instances = 2 + up_to(2);
      if (chance(40)) spec.images.postgres = "new:1";
      if (chance(20)) spec.postgres.switchover_to = any_name();
      if (chance(20)) spec.postgres.fenced = {any_name()};
    });
    const auto primary = chance(85) ? any_name(3) : std::string();
    world.hold(primary, any_set(primary));
    if (chance(10)) world.seen.lease_silence = std::chrono::seconds(20);
    for (int number = 1; number <= 3; ++number) disturb(world, world.name(number), primary);
    return world;
  }

 private:
  std::string any_name(int most = 5) { return "c-postgres-" + std::to_string(1 + up_to(most - 1)); }

  std::string any_set(const std::string& primary) {
    std::vector<std::string> names;
    for (int number = 1; number <= 3; ++number) {
      if (const auto name = "c-postgres-" + std::to_string(number); name != primary && chance(80))
        names.push_back(name);
    }
    const char* mode = chance(60) ? "Required" : chance(50) ? "Preferred" : "Off";
    const int number = std::string(mode) == "Off" || names.empty() ? 0 : 1 + up_to(static_cast<int>(names.size()) - 1);
    return std::string(mode) + " " + std::to_string(number) + (names.empty() ? "" : " ") + base::join(names, " ");
  }

  void disturb(PostgresWorld& world, const std::string& pod, const std::string& primary) {
    auto& report = world.seen.instances[pod];
    report.is_writable = pod == primary;
    report.is_streaming = pod != primary && !chance(15);
    report.is_restart_pending = chance(15);
    report.is_decrease_pending = report.is_restart_pending && chance(50);
    if (chance(10)) report.replay_lsn = "0/1";
    if (chance(10)) world.seen.instances.erase(pod);
    if (chance(10)) world.drain_node_of(pod);
    if (chance(10)) world.set_state(pod, {{"running", json::Value::object()}}, false);
    if (chance(8)) world.kill(pod);
    if (chance(8)) world.remove(pod);
  }

  std::mt19937 random_;
};

std::vector<std::string> pods_deleted(const Plan& plan) {
  std::vector<std::string> out;
  for (const auto& action : plan.actions) {
    const auto* removal = std::get_if<DeleteObject>(&action.step);
    if (removal != nullptr && removal->kind->kind == "Pod") out.push_back(removal->key.name);
  }
  return out;
}

void expect_deletion_is_safe(const PostgresWorld& world, const facts::PostgresView& view, const std::string& pod) {
  const auto& instance = *view.find(pod);
  EXPECT_NE(pod, view.primary) << "others could take over";
  EXPECT_FALSE(view.primary.empty() || view.is_silent) << "nobody is primary: every copy may be the last";
  if (!instance.is_wanted) {
    EXPECT_FALSE(view.published->has(pod)) << "a commit may wait for it, or rely on it";
    return;
  }
  if (!instance.is_running()) return;  // nothing runs in it that could be lost
  for (const auto& other : view.instances) {
    if (other.name == pod || !other.is_wanted || other.is_fenced) continue;
    EXPECT_TRUE(other.is_ready()) << pod << " goes while " << other.name << " is away";
    const bool follows = other.name == view.primary || (other.report != nullptr && other.report->is_streaming);
    EXPECT_TRUE(!instance.is_ready() || follows) << other.name << " does not stream";
  }
  EXPECT_TRUE(world.seen.pods.contains(pod));
}

TEST(PostgresProperties, HoldInEveryWorld) {
  const PostgresWorld whole;
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Chaos chaos(seed);
    auto world = chaos.break_things(whole);
    const auto view = facts::view_postgres(world.seen);
    const auto plan = world.plan();

    const auto deleted = pods_deleted(plan);
    EXPECT_LE(deleted.size(), 1U) << to_text(plan);
    for (const auto& pod : deleted) expect_deletion_is_safe(world, view, pod);

    world.apply(plan);
    const auto target = world.lease_annotation(postgres::kSwitchoverToAnnotation);
    if (!target.empty()) {
      EXPECT_EQ(objection_to_switchover(view, target), "") << target;
      EXPECT_TRUE(deleted.empty()) << "one step at a time";
    }
    if (const auto release = world.release()) {
      EXPECT_FALSE(view.find(view.primary) != nullptr && view.find(view.primary)->is_running()) << release->why;
      EXPECT_TRUE(facts::can_elect(view));
    }
  }
}

}  // namespace
}  // namespace cadence::plan
