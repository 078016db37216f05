// Secrets that are replaced between two passes, or while no operator runs: what kubelets follow no more is followed by
// copies, and nothing else is.
#include <set>

#include "cadence/facts/mounts.hpp"
#include "pass.hpp"

namespace cadence::exploration {
namespace {

using namespace std::chrono_literals;

// What the webhook servers' pods mount, as their Deployment has it.
std::set<std::string> mounted_secrets(World& world) {
  const auto live =
      *world.server.find(kube::types::Deployment::kind_info(), {kSpace, names::Names(kCluster).webhook()});
  std::set<std::string> out;
  for (const auto& id :
       facts::mounted_by(json::decode_leniently<kube::types::Pod>(json::at_path(live, {"spec", "template"}))))
    out.insert(id.name);
  return out;
}

class PassOverSecrets : public Pass {
 protected:
  void put(const std::string& name, const char* content, bool is_immutable = false) {
    world_.server.write(kube::types::Secret::kind_info(), {kSpace, name}, [&](json::Value& secret) {
      secret["data"] = {{"token", content}};
      if (is_immutable) secret["immutable"] = true;
    });
  }
  // As nobody's pass sees it: a kubelet that has looked meanwhile has the old content for good.
  void replace_immutable(const std::string& name, const char* before) {
    put(name, before, true);
    world_.server.erase(kube::types::Secret::kind_info(), {kSpace, name});
    put(name, "bmV3");
  }
  void settle(Program& program) {
    for (int look = 0; look < 60; ++look) {
      finish(program);
      while (world_.step()) finish(program);
      world_.pass(1s);
    }
  }
  std::string content(const std::string& name) {
    const auto found = world_.server.find(kube::types::Secret::kind_info(), {kSpace, name});
    return found ? json::string_at(*found, {"data", "token"}) : "";
  }
};

TEST_F(PassOverSecrets, FollowsTheUsersOneThatWasImmutableAndReplacedBetweenTwo) {
  for (const bool is_another_operator : {false, true}) {
    const auto name = is_another_operator ? std::string("late") : std::string("own");
    world_.change_spec([&](json::Value& spec) { spec["webhook"]["clone"]["credentialsSecretRef"] = name; });
    put(name, "b2xk");
    auto program = std::make_unique<Program>(world_);
    settle(*program);
    ASSERT_TRUE(mounted_secrets(world_).contains(name));
    if (is_another_operator) program.reset();
    replace_immutable(name, "b2xk");
    if (!program) program = std::make_unique<Program>(world_);
    settle(*program);
    EXPECT_TRUE(mounted_secrets(world_).contains("c-copy-of-" + name + "-1"));
    EXPECT_FALSE(mounted_secrets(world_).contains(name));
    EXPECT_EQ(content("c-copy-of-" + name + "-1"), "bmV3");
    const int writes = program->writes();
    settle(*program);
    EXPECT_EQ(program->writes(), writes) << "it rests";
  }
}

TEST_F(PassOverSecrets, LeavesTheUsersOneThatIsOnlyEditedOrComesLate) {
  world_.change_spec([&](json::Value& spec) { spec["webhook"]["clone"]["credentialsSecretRef"] = "own"; });
  Program program(world_);
  settle(program);  // it is optional: pods run without it
  put("own", "b2xk");
  settle(program);
  put("own", "bmV3");
  settle(program);
  EXPECT_TRUE(mounted_secrets(world_).contains("own"));
}

TEST_F(PassOverSecrets, FollowsAnOwnOneThatWasImmutableAndReplacedBetweenTwo) {
  const auto name = names::Names(kCluster).webhook_api();
  for (const bool is_another_operator : {false, true}) {
    SCOPED_TRACE(is_another_operator);
    auto program = std::make_unique<Program>(world_);
    settle(*program);
    const auto copies = "c-copy-of-" + name + "-";
    const auto mounted = is_another_operator ? copies + "1" : name;
    ASSERT_TRUE(mounted_secrets(world_).contains(mounted));
    if (is_another_operator) program.reset();
    const auto labels =
        world_.server.find(kube::types::Secret::kind_info(), {kSpace, mounted})->at("metadata").at("labels");
    replace_immutable(mounted, "b2xk");
    world_.server.write(kube::types::Secret::kind_info(), {kSpace, mounted},
                        [&](json::Value& secret) { secret["metadata"]["labels"] = labels; });
    if (!program) program = std::make_unique<Program>(world_);
    settle(*program);
    const auto copy = copies + (is_another_operator ? "2" : "1");
    EXPECT_TRUE(mounted_secrets(world_).contains(copy));
    EXPECT_EQ(content(copy), content(name));
    const int writes = program->writes();
    settle(*program);
    EXPECT_EQ(program->writes(), writes) << "it rests";
  }
}

TEST_F(PassOverSecrets, FollowsAnOwnOneThatWasReplacedWhileNoOperatorRan) {
  const auto name = names::Names(kCluster).webhook_api();
  auto program = std::make_unique<Program>(world_);
  settle(*program);
  const auto labels = world_.server.find(kube::types::Secret::kind_info(), {kSpace, name})->at("metadata").at("labels");
  program.reset();
  replace_immutable(name, "b2xk");
  world_.server.write(kube::types::Secret::kind_info(), {kSpace, name},
                      [&](json::Value& secret) { secret["metadata"]["labels"] = labels; });
  program = std::make_unique<Program>(world_);
  settle(*program);
  EXPECT_TRUE(mounted_secrets(world_).contains("c-copy-of-" + name + "-1"));
  EXPECT_EQ(content("c-copy-of-" + name + "-1"), "bmV3");
  EXPECT_EQ(content(name), "bmV3");
}

TEST_F(PassOverSecrets, LeavesAnOwnOneThatWasDeletedBeforeItsEyes) {
  const auto name = names::Names(kCluster).webhook_api();
  auto program = std::make_unique<Program>(world_);
  settle(*program);
  world_.server.erase(kube::types::Secret::kind_info(), {kSpace, name});
  settle(*program);
  program = std::make_unique<Program>(world_);
  settle(*program);
  EXPECT_TRUE(mounted_secrets(world_).contains(name));
}

}  // namespace
}  // namespace cadence::exploration
