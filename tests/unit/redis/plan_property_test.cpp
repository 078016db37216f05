// Whatever happens to nodes and operator: no command spoils anything, and in the end the cluster is whole with every
// write in it.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <random>

#include "model.hpp"

namespace cadence::redis::plan {
namespace {

constexpr int kPasses = 60;

// One pass of an operator that dies after `survived` commands.
Plan pass(Model& model, DesiredTopology& desired, std::size_t survived) {
  auto plan = plan_redis(desired, model.observe());
  desired.was_formed |= plan.is_formed;
  for (std::size_t i = 0; i < std::min(survived, plan.commands.size()); ++i) model.execute(plan.commands[i]);
  return plan;
}

struct Event {
  enum Kind { Pass, Gossip, Kill, Start, Move, Wipe, Write, ForgetStatus };
  int kind = Pass;
  std::size_t node = 0, survived = 0;
};

void happen(Model& model, DesiredTopology& desired, const Event& event) {
  const auto node = event.node % model.nodes.size();
  switch (event.kind) {
    case Event::Pass:
      pass(model, desired, event.survived);
      break;
    case Event::Gossip:
      model.gossip();
      break;
    case Event::Kill:
      model.kill(node);
      break;
    case Event::Start:
      model.start(node);
      break;
    case Event::Move:
      model.kill(node);
      model.move(node);
      break;
    case Event::Wipe:
      if (!model.nodes[node].is_alive) model.wipe(node);
      break;
    case Event::Write:
      model.write();
      break;
    case Event::ForgetStatus:  // the caller's
      break;
  }
}

std::string story_of(const std::vector<Event>& events) {
  std::string out;
  for (const auto& event : events)
    out += std::to_string(event.kind) + "/" + std::to_string(event.node) + "/" + std::to_string(event.survived) + " ";
  return out;
}

void run_story(int shards, int replicas, const std::vector<Event>& events) {
  Model model(shards, replicas);
  DesiredTopology desired{
      .shards = shards, .replicas_per_shard = replicas, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
  for (const auto& event : events) happen(model, desired, event);
  // Then everything is well again, and the operator lives.
  for (std::size_t i = 0; i < model.nodes.size(); ++i) model.start(i);
  Plan last;
  for (int i = 0; i < kPasses && last.phase != Phase::Healthy; ++i) {
    last = pass(model, desired, 1000);
    model.gossip();
  }
  RC_LOG() << story_of(events) << "\n" << to_text(last);
  for (const auto& violation : model.violations) RC_LOG() << violation << "\n";
  RC_ASSERT(model.violations.empty());
  RC_ASSERT(last.phase == Phase::Healthy);
  RC_ASSERT(last.commands.empty());
  int slots = 0;
  for (const auto& node : model.nodes) slots += node.slots.empty() ? 0 : 1;
  RC_ASSERT(slots == shards);
}

rc::Gen<std::vector<Event>> stories() {
  return rc::gen::container<std::vector<Event>>(
      rc::gen::build<Event>(rc::gen::set(&Event::kind, rc::gen::weightedElement<int>({{6, Event::Pass},
                                                                                      {6, Event::Gossip},
                                                                                      {2, Event::Kill},
                                                                                      {3, Event::Start},
                                                                                      {1, Event::Move},
                                                                                      {1, Event::Wipe},
                                                                                      {3, Event::Write}})),
                            rc::gen::set(&Event::node, rc::gen::inRange<std::size_t>(0, 100)),
                            rc::gen::set(&Event::survived, rc::gen::inRange<std::size_t>(0, 30))));
}

TEST(PlanProperty, EveryStoryEndsWholeAndNoCommandSpoilsAnything) {
  EXPECT_TRUE(rc::check("three shards, one replica", [] { run_story(3, 1, *stories()); }));
  EXPECT_TRUE(rc::check("three shards, two replicas", [] { run_story(3, 2, *stories()); }));
  EXPECT_TRUE(rc::check("one shard, no replica", [] { run_story(1, 0, *stories()); }));
}

// A replica that was away meanwhile and one that has every write: the second inherits.
TEST(PlanProperty, TheCopyThatHasEveryWriteInherits) {
  using E = Event;
  const std::vector<Event> events{{E::Pass, 0, 17}, {E::Gossip}, {E::Pass, 0, 3}, {E::Pass, 0, 6}, {E::Gossip},
                                  {E::Move, 61},    {E::Write},  {E::Kill, 69},   {E::Wipe, 87}};
  EXPECT_TRUE(rc::check("the story", [&] { run_story(3, 2, events); }));
}

TEST(PlanProperty, AnInterruptedFormationGoesOnFromEveryPoint) {
  for (std::size_t interrupted = 0; interrupted < 40; ++interrupted) {
    Model model(3, 1);
    DesiredTopology desired;
    std::size_t left = interrupted;
    for (int i = 0; i < kPasses && left > 0; ++i) {
      const auto count = pass(model, desired, left).commands.size();
      left -= std::min(left, count);
      if (left > 0) model.gossip();
    }
    desired.was_formed = false;  // the status was not written, either
    Plan last;
    for (int i = 0; i < kPasses && last.phase != Phase::Healthy; ++i) {
      last = pass(model, desired, 1000);
      model.gossip();
    }
    EXPECT_EQ(last.phase, Phase::Healthy) << interrupted << to_text(last);
    EXPECT_TRUE(model.violations.empty()) << interrupted << model.violations.front();
  }
}

TEST(PlanProperty, TheSameViewGivesTheSamePlan) {
  Model model(3, 1);
  DesiredTopology desired;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(to_text(plan_redis(desired, model.observe())), to_text(plan_redis(desired, model.observe())));
    pass(model, desired, 3);
    model.gossip();
  }
}

}  // namespace
}  // namespace cadence::redis::plan
