#include "agent/proxy/slots.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace cadence::agent::proxy {
namespace {

std::vector<Slot> empty_slots(int count) {
  std::vector<Slot> out;
  for (int i = 1; i <= count; ++i) out.push_back({"s" + std::to_string(i), "127.0.0.1", 1, ServerState::Maintenance});
  return out;
}

Endpoint pod(int number, bool is_going = false) { return {"10.0.0." + std::to_string(number), 8000, is_going}; }

TEST(ParseServersState, ReadsAddressStateAndPort) {
  const auto slots = parse_servers_state(
      "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
      "srv_time_since_last_change "
      "srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id "
      "srv_f_forced_id srv_fqdn srv_port "
      "srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port\n"
      "4 webhooks 1 s1 10.0.0.7 2 0 1 1 5 15 3 4 6 0 0 0 - 8000 - 0 0 - - 0\n"
      "4 webhooks 2 s2 127.0.0.1 0 5 1 1 5 1 0 0 14 0 0 0 - 1 - 0 0 - - 0\n"
      "4 webhooks 3 s3 10.0.0.8 2 8 1 1 5 15 3 4 6 0 0 0 - 8000 - 0 0 - - 0\n"
      // the file says disabled, a command made it ready
      "4 webhooks 4 s4 10.0.0.9 2 4 1 1 5 15 3 4 6 0 0 0 - 8000 - 0 0 - - 0\n"
      "5 other 1 s1 10.0.0.9 2 0 1 1 5 15 3 4 6 0 0 0 - 8000 - 0 0 - - 0\n\n",
      "webhooks");
  EXPECT_EQ(slots, (std::vector<Slot>{{"s1", "10.0.0.7", 8000, ServerState::Ready},
                                      {"s2", "127.0.0.1", 1, ServerState::Maintenance},
                                      {"s3", "10.0.0.8", 8000, ServerState::Drain},
                                      {"s4", "10.0.0.9", 8000, ServerState::Ready}}));
}

TEST(PlanSlots, GivesNewPodsFreeSlotsAndLeavesTheOthersAlone) {
  const auto first = plan_slots(empty_slots(4), {pod(1), pod(2)}, "b");
  EXPECT_EQ(first.commands,
            (std::vector<std::string>{"set server b/s1 addr 10.0.0.1 port 8000", "set server b/s1 state ready",
                                      "set server b/s2 addr 10.0.0.2 port 8000", "set server b/s2 state ready"}));
  const auto second = plan_slots(first.after, {pod(2), pod(3)}, "b");
  EXPECT_EQ(second.commands, (std::vector<std::string>{"set server b/s3 addr 10.0.0.3 port 8000",
                                                       "set server b/s3 state ready", "set server b/s1 state maint"}));
}

TEST(PlanSlots, DrainsAPodThatIsGoing) {
  const auto first = plan_slots(empty_slots(2), {pod(1), pod(2)}, "b");
  EXPECT_EQ(plan_slots(first.after, {pod(1, true), pod(2)}, "b").commands,
            std::vector<std::string>{"set server b/s1 state drain"});
  EXPECT_TRUE(plan_slots(empty_slots(2), {pod(1, true)}, "b").commands.empty());
}

TEST(PlanSlots, ReportsPodsWithoutASlot) {
  EXPECT_EQ(plan_slots(empty_slots(2), {pod(1), pod(2), pod(3)}, "b").unplaced, 1U);
}

// Whatever comes and goes: planned again, nothing is left to do; each serving pod has exactly one slot.
TEST(PlanSlots, ConvergesInOneStepForRandomHistories) {
  std::mt19937 random(11);
  auto slots = empty_slots(8);
  for (int round = 0; round < 500; ++round) {
    std::vector<Endpoint> endpoints;
    for (int i = 1; i <= 8; ++i) {
      if (random() % 2 == 0) endpoints.push_back(pod(i, random() % 4 == 0));
    }
    const auto plan = plan_slots(slots, endpoints, "b");
    EXPECT_TRUE(plan_slots(plan.after, endpoints, "b").commands.empty());
    std::set<std::string> serving;
    for (const auto& slot : plan.after) {
      if (slot.state == ServerState::Ready) {
        EXPECT_TRUE(serving.insert(slot.address).second);
      }
    }
    for (const auto& endpoint : endpoints) {
      if (!endpoint.is_going && plan.unplaced == 0) {
        EXPECT_TRUE(serving.contains(endpoint.address));
      }
    }
    slots = plan.after;
  }
}

TEST(FillConfiguration, ReplacesOnlyThePlaceholdersOfSlotsInUse) {
  const std::string text =
      "backend b\n  server s1 127.0.0.1:1 check disabled\n  server s2 127.0.0.1:1 check disabled\n# end";
  const std::vector<Slot> slots{{"s1", "10.0.0.1", 8000, ServerState::Ready},
                                {"s2", "10.0.0.2", 8000, ServerState::Maintenance}};
  EXPECT_EQ(fill_configuration(text, slots),
            "backend b\n  server s1 10.0.0.1:8000 check\n  server s2 127.0.0.1:1 check disabled\n# end");
}

}  // namespace
}  // namespace cadence::agent::proxy
