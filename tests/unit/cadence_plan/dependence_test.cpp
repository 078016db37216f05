// What has to wait once a write was refused.
#include "cadence/plan/common/dependence.hpp"

#include <gtest/gtest.h>

#include "kube/types/apps.hpp"
#include "kube/types/coordination.hpp"
#include "postgres/rules/lease_document.hpp"
#include "world.hpp"

namespace cadence::plan {
namespace {

class Dependence : public ::testing::Test {
 protected:
  void put_pod(const std::string& name, const char* phase, const char* component) {
    world.put(kube::types::Pod::kind_info(),
              {{"metadata", {{"name", name}, {"labels", {{kComponent, component}}}}}, {"status", {{"phase", phase}}}});
  }

  Action noted(Step step, facts::ChildId object) {
    Plan plan;
    plan.actions.push_back({std::move(step), std::move(object), "Because", "Did it"});
    note_dependence(world.seen, plan);
    return plan.actions.front();
  }

  static Step deletion(const kube::core::KindInfo& kind, const std::string& name) {
    return DeleteObject{&kind, {"n", name}, "uid", "1"};
  }

  static constexpr const char* kComponent = names::kComponentLabel;
  World world;
};

TEST_F(Dependence, APodThatRunsIsMissedAndOneThatHasEndedIsNot) {
  put_pod("one", "Running", "redis");
  put_pod("two", "Failed", "redis");
  const auto one = noted(deletion(kube::types::Pod::kind_info(), "one"), {"Pod", "one"});
  EXPECT_TRUE(one.is_disruptive);
  EXPECT_EQ(one.component, "redis");
  EXPECT_FALSE(noted(deletion(kube::types::Pod::kind_info(), "two"), {"Pod", "two"}).is_disruptive);
}

TEST_F(Dependence, AnotherKindsObjectIsNotTakenForThePodOfItsName) {
  put_pod("one", "Failed", "redis");
  const auto map = noted(deletion(kube::types::ConfigMap::kind_info(), "one"), {"ConfigMap", "one"});
  EXPECT_TRUE(map.is_disruptive);
  EXPECT_EQ(map.component, "");
}

TEST_F(Dependence, AWorkloadIsMadeOfWhatItsPodsMount) {
  const json::Value pod{{"serviceAccountName", "account"},
                        {"volumes",
                         {{{"name", "a"}, {"configMap", {{"name", "mounted"}}}},
                          {{"name", "b"}, {"projected", {{"sources", {{{"configMap", {{"name", "projected"}}}}}}}}}}},
                        {"containers", {{{"name", "c"}, {"envFrom", {{{"configMapRef", {{"name", "read"}}}}}}}}}};
  const json::Value document{{"metadata", {{"name", "c-webhook"}, {"labels", {{kComponent, "webhook"}}}}},
                             {"spec", {{"template", {{"spec", pod}}}}}};
  auto action = noted(ApplyObject{&kube::types::Deployment::kind_info(), document}, {"Deployment", "c-webhook"});
  EXPECT_EQ(action.component, "webhook");
  EXPECT_FALSE(action.is_disruptive);
  for (const auto& id : std::vector<facts::ChildId>{
           {"ServiceAccount", "account"}, {"ConfigMap", "mounted"}, {"ConfigMap", "projected"}, {"ConfigMap", "read"}})
    EXPECT_NE(std::find(action.made_of.begin(), action.made_of.end(), id), action.made_of.end()) << id.to_string();
  for (const auto& id : action.made_of)
    EXPECT_TRUE(id.kind != "ServiceAccount" || id.name == "account") << id.to_string() << " is another text of the pod";
}

TEST_F(Dependence, AStageOfARotationNeedsItsAuthorityAndTheLastOnesTakeSomethingAway) {
  using Kind = ChangeSecret::Kind;
  for (const auto kind : {Kind::PrepareAuthority, Kind::SwitchAuthority, Kind::DropAuthority, Kind::Trust,
                          Kind::PrepareLogin, Kind::SwitchLogin, Kind::RetireLogin}) {
    const auto action = noted(ChangeSecret{kind, "one", "1", "c-ca"}, {"Secret", "one"});
    EXPECT_EQ(action.made_of, (std::vector<facts::ChildId>{{"Secret", "c-ca"}}));
    EXPECT_EQ(action.is_disruptive, kind == Kind::DropAuthority || kind == Kind::RetireLogin);
  }
}

TEST_F(Dependence, ALeaseThatAsksForAHandoverTakesAServerAway) {
  world.initialise_postgres("c-postgres-1");
  const auto asking = [&](const char* annotation, const char* value) {
    const json::Value document{{"metadata", {{"name", "c-postgres"}, {"annotations", {{annotation, value}}}}}};
    return noted(LabelObject{&kube::types::Lease::kind_info(), document}, {"Lease", "c-postgres"}).is_disruptive;
  };
  EXPECT_TRUE(asking(postgres::kSwitchoverToAnnotation, "c-postgres-2"));
  EXPECT_TRUE(asking(postgres::kRestartAnnotation, "token"));
  EXPECT_FALSE(asking(postgres::kSwitchoverToAnnotation, ""));
  EXPECT_FALSE(asking(names::kIntentAnnotation, "x"));
  world.put(
      kube::types::Lease::kind_info(),
      {{"metadata", {{"name", "c-postgres"}, {"annotations", {{postgres::kSwitchoverToAnnotation, "c-postgres-2"}}}}},
       {"spec", {{"holderIdentity", "c-postgres-1"}}}});
  EXPECT_FALSE(asking(postgres::kSwitchoverToAnnotation, "c-postgres-2")) << "it is asked already";
}

struct Pair {
  const char* name;
  Action refused, action;
  bool waits;
};

Action of(facts::ChildId object, std::string component, bool is_disruptive, std::vector<facts::ChildId> made_of = {}) {
  Action out;
  out.object = std::move(object);
  out.component = std::move(component);
  out.is_disruptive = is_disruptive;
  out.made_of = std::move(made_of);
  return out;
}

TEST(MustWait, WhoNeedsWhatWasRefused) {
  const facts::ChildId map{"ConfigMap", "m"}, set{"StatefulSet", "s"}, pod{"Pod", "p"};
  const std::vector<Pair> pairs{
      {"the same object", of(map, "redis", false), of(map, "redis", false), true},
      {"made of it", of(map, "redis", false), of(set, "redis", false, {map}), true},
      {"made of another", of(map, "redis", false), of(set, "redis", false, {pod}), false},
      {"disruptive, same component", of(map, "redis", false), of(pod, "redis", true), true},
      {"disruptive, another component", of(map, "redis", false), of(pod, "webhook", true), false},
      {"disruptive, the refused one is of all", of(map, "", false), of(pod, "webhook", true), true},
      {"disruptive, it is of all", of(map, "redis", false), of(pod, "", true), true},
      {"harmless, same component", of(map, "redis", false), of(set, "redis", false), false}};
  for (const auto& pair : pairs) EXPECT_EQ(must_wait(pair.action, {&pair.refused}), pair.waits) << pair.name;
  EXPECT_FALSE(must_wait(pairs.front().action, {}));
}

}  // namespace
}  // namespace cadence::plan
