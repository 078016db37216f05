// What somebody with the operator's password does to a running server, and what its agent makes of it.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/text.hpp"
#include "bed.hpp"

namespace cadence::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

redis::plan::DesiredTopology masters(int count) {
  return {.shards = count, .replicas_per_shard = 0, .was_formed = false, .is_cache = false, .accept_data_loss = {}};
}

redis::Limits within(milliseconds bound) { return {.deadline = base::system_clock().monotonic() + bound}; }

base::Result<redis::Connection> connect(const Node& node) {
  return redis::Connection::open({.address = node.target().address, .unix_socket = {}}, node.target().credentials,
                                 within(seconds(30)));
}

base::Result<redis::Reply> ask(const Node& node, const redis::Request& request, milliseconds bound = seconds(30)) {
  auto connection = connect(node);
  return connection ? connection->call(request, within(bound)) : base::Result<redis::Reply>(connection.error());
}

std::map<std::string, std::string> settings_of(const Node& node) {
  std::map<std::string, std::string> out;
  const auto reply = ask(node, {"CONFIG", "GET", "*"});
  for (std::size_t i = 0; reply && i + 1 < reply->items.size(); i += 2)
    out[reply->items[i].text] = reply->items[i + 1].text;
  return out;
}

// Some that Redis may take in this one's place; it refuses most of them.
std::vector<std::string> others(const std::string& value) {
  std::vector<std::string> out;
  if (value == "yes") out.push_back("no");
  if (value == "no") out.push_back("yes");
  if (const auto number = base::parse_integer(value))
    out.insert(out.end(), {std::to_string(*number + 1), std::to_string(*number - 1), std::to_string(*number / 2)});
  for (const char* word : {"KEA", "50 99", "notice", "everysec", "always", "allkeys-lru", "900 1", "relative",
                           "0 100 200", "normal 1 1 1", "/tmp", "x"})
    out.emplace_back(word);
  return out;
}

// Each of them alone, whatever form it is written in: what CONFIG GET says is compared, and set.
TEST(ChangedByHand, EverySettingButThoseForDiagnosisIsSetBack) {
  Bed bed(masters(1));
  bed.reach_healthy();
  const auto& node = *bed.nodes.front();
  const auto before = settings_of(node);
  ASSERT_GT(before.size(), 150U);
  // what would take the test's own way to the server
  const std::set<std::string> ways{"bind", "port", "maxclients", "requirepass", "unixsocket", "maxmemory-clients"};
  std::set<std::string> changed;
  for (const auto& [name, value] : before) {
    if (ways.contains(name)) continue;
    for (const auto& other : others(value)) {
      if (!ask(node, {"CONFIG", "SET", name, other})) continue;
      changed.insert(name);
      break;
    }
  }
  for (const char* name : {"hz", "list-max-listpack-size", "latency-tracking", "notify-keyspace-events", "appendonly",
                           "save", "client-output-buffer-limit", "maxmemory-policy", "oom-score-adj"})
    EXPECT_TRUE(changed.contains(name)) << name;
  EXPECT_GT(changed.size(), 80U);
  const auto is_for_diagnosis = [](const std::string& name) {
    return name.starts_with("slowlog-") || name == "latency-monitor-threshold" || name == "loglevel";
  };
  std::string late;
  EXPECT_TRUE(eventually([&] {
    late.clear();
    const auto now = settings_of(node);
    for (const auto& [name, value] : before) {
      if (!is_for_diagnosis(name) && (!now.contains(name) || now.at(name) != value)) late += " " + name;
    }
    return late.empty();
  })) << late;
}

// A server changes none of them by itself: nothing is set back for ever.
TEST(ChangedByHand, NothingIsSetBackWhereNobodyChangedAnything) {
  Bed bed({.shards = 3, .replicas_per_shard = 1, .was_formed = false, .is_cache = false, .accept_data_loss = {}});
  bed.reach_healthy();
  bed.write_keys(20);
  EXPECT_EQ(bed.master_of(0).stop(), 0);
  for (auto& node : bed.nodes)
    if (!node->is_running()) node->start();
  bed.reach_healthy();
  base::wait_for({}, seconds(5));
  for (const auto& node : bed.nodes) EXPECT_EQ(node->log().find("Set back"), std::string::npos) << node->log();
}

bool is_busy(const Node& node) {
  const auto answer = ask(node, {"PING"});
  return !answer && answer.error().message.find("BUSY ") != std::string::npos;
}

// All three at once, because each waits for its bound.
TEST(ChangedByHand, WhatKeepsAServerFromServingIsEndedWhereThatLosesNothing) {
  Bed bed(masters(4));
  bed.reach_healthy();
  const auto &script = *bed.nodes[0], &function = *bed.nodes[1], &pause = *bed.nodes[2], &writer = *bed.nodes[3];
  const std::string library =
      "#!lua name=l\nredis.register_function{function_name='f', callback=function() while true do end end, "
      "flags={'no-writes'}}";
  ASSERT_TRUE(ask(function, {"FUNCTION", "LOAD", library}));
  const std::string key = "a";  // slot 15495, of the last of four
  ASSERT_TRUE(ask(writer, {"SET", key, "0"}));
  EXPECT_FALSE(ask(script, {"EVAL", "while true do end", "0"}, milliseconds(300)));
  EXPECT_FALSE(ask(function, {"FCALL", "f", "0"}, milliseconds(300)));
  EXPECT_TRUE(ask(pause, {"CLIENT", "PAUSE", "600000", "WRITE"}));
  EXPECT_FALSE(ask(writer, {"EVAL", "redis.call('set', KEYS[1], '1') while true do end", "1", key}, milliseconds(300)));
  EXPECT_FALSE(ask(pause, {"EVAL", "return 1", "0"}, milliseconds(300)));
  EXPECT_TRUE(eventually([&] { return is_busy(script) && is_busy(function) && is_busy(writer); }));
  base::wait_for({}, seconds(15));
  EXPECT_TRUE(is_busy(script)) << "a script may take its time";
  EXPECT_FALSE(ask(pause, {"EVAL", "return 1", "0"}, milliseconds(300)));
  EXPECT_TRUE(eventually(
      [&] {
        return ask(script, {"PING"}) && ask(function, {"PING"}) && ask(pause, {"EVAL", "return 1", "0"}, seconds(1));
      },
      seconds(40)));
  EXPECT_TRUE(
      eventually([&] { return writer.log().find("has written: only a restart") != std::string::npos; }, seconds(40)));
  EXPECT_TRUE(is_busy(writer)) << "what it has written would be lost by halves";
  for (const auto* node : {&script, &function})
    EXPECT_NE(node->log().find("Ended a script that ran without end"), std::string::npos) << node->log();
  EXPECT_NE(pause.log().find("Ended somebody's CLIENT PAUSE"), std::string::npos) << pause.log();
}

}  // namespace
}  // namespace cadence::test
