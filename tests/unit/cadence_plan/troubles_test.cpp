#include "cadence/plan/common/troubles.hpp"

#include <gtest/gtest.h>

#include "world.hpp"

namespace cadence::plan {
namespace {

json::Value pod(const std::string& name, const std::string& component, const json::Value& status) {
  return {
      {"metadata", {{"name", name}, {"uid", "u-" + name}, {"labels", {{"app.kubernetes.io/component", component}}}}},
      {"spec",
       {{"nodeName", "node-1"}, {"containers", json::Value::array({{{"name", component}, {"image", "wrong:1"}}})}}},
      {"status", status}};
}

json::Value unschedulable(const std::string& message, const std::string& since = "2026-03-04T09:59:00Z") {
  return {{"phase", "Pending"},
          {"conditions", json::Value::array({{{"type", "PodScheduled"},
                                              {"status", "False"},
                                              {"reason", "Unschedulable"},
                                              {"message", message},
                                              {"lastTransitionTime", since}}})}};
}

json::Value waiting(const std::string& container, const std::string& reason, const std::string& message,
                    const json::Value& last = json::Value::object()) {
  return {
      {"phase", "Pending"},
      {"startTime", "2026-03-04T09:59:00Z"},
      {"containerStatuses", json::Value::array({{{"name", container},
                                                 {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}},
                                                 {"lastState", last}}})}};
}

std::string told(const World& world) {
  std::string out;
  for (const auto& objection : world.plan().objections) out += objection.reason + ": " + objection.message + "\n";
  return out;
}

struct Case {
  const char* name;
  const char* component;
  json::Value status;
  std::vector<std::string> says;
};

const json::Value kOutOfMemory{{"terminated", {{"exitCode", 137}, {"reason", "OOMKilled"}}}};
const json::Value kFailed{{"terminated", {{"exitCode", 3}, {"reason", "Error"}, {"message", "no room\n"}}}};

const std::vector<Case> kCases{
    {"no room",
     "postgres",
     unschedulable("0/3 nodes are available: 3 Insufficient cpu."),
     {"PodUnschedulable: Pod c-x cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu. Lower "
      "spec.postgres.resources.requests"}},
    {"no node of that kind",
     "lb",
     unschedulable("0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."),
     {"spec.podTemplate.nodeSelector"}},
    {"taint and cordon",
     "webhook",
     unschedulable("1 node(s) had untolerated taint {a: b}, 2 node(s) were unschedulable."),
     {"spec.podTemplate.tolerations", "kubectl uncordon"}},
    {"volume elsewhere",
     "redis",
     unschedulable("1 node(s) had volume node affinity conflict"),
     {"bring that node back"}},
    {"no volume",
     "redis",
     unschedulable("pod has unbound immediate PersistentVolumeClaims"),
     {"spec.redis.storage.storageClassName"}},
    {"no volume within ten minutes",
     "redis",
     unschedulable("running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded"),
     {"Check that StorageClass and provisioner of spec.redis"}},
    {"no volume of a class that makes none",
     "redis",
     unschedulable("0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind."),
     {"Make a PersistentVolume for it"}},
    {"something new",
     "lb",
     unschedulable("the moon is full"),
     {"the moon is full. Change spec.podTemplate or the nodes."}},
    {"no image",
     "postgres",
     waiting("postgres", "ImagePullBackOff", "Back-off pulling image"),
     {"ImageNotPulled: Pod c-x cannot get the image \"wrong:1\" (ImagePullBackOff): Back-off pulling image. Correct "
      "spec.images.postgres"}},
    {"no such name",
     "webhook",
     waiting("webhook", "InvalidImageName", "couldn't parse"),
     {"ImageNotPulled: Pod c-x cannot get the image \"wrong:1\" (InvalidImageName): couldn't parse. Correct "
      "spec.images"}},
    {"ends",
     "lb",
     waiting("lb", "CrashLoopBackOff", "back-off", kFailed),
     {"ContainerFailed: Pod c-x does not stay up",
      "exit code 3, no room. Its log says why: kubectl logs c-x -c lb --previous."}},
    {"out of memory",
     "redis",
     waiting("redis", "CrashLoopBackOff", "back-off", kOutOfMemory),
     {"exit code 137, OOMKilled. Raise spec.redis.resources.limits.memory."}},
    {"no key",
     "webhook",
     waiting("webhook", "CreateContainerConfigError", "secret \"x\" not found"),
     {"ContainerNotStarted: Pod c-x cannot start container webhook (CreateContainerConfigError): secret \"x\" not "
      "found."}},
};

TEST(Troubles, EachIsToldWithItsReasonAndTheFieldThatChangesIt) {
  for (const auto& c : kCases) {
    World world(R"({"images":{"postgres":"wrong:1"}})");
    world.put(kube::types::Pod::kind_info(), pod("c-x", c.component, c.status));
    for (const auto& part : c.says)
      EXPECT_NE(told(world).find(part), std::string::npos) << c.name << ": " << told(world);
    world.put(kube::types::Pod::kind_info(),
              {{"metadata", {{"name", "c-x"}, {"deletionTimestamp", "2026-03-04T10:00:00Z"}}}});
    EXPECT_EQ(told(world), "") << c.name << ": a pod that goes keeps nothing from being carried out";
  }
}

TEST(Troubles, WhateverKeepsAnImageAwayNamesItsField) {
  for (const std::string reason : {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull",
                                   "ImageInspectError", "RegistryUnavailable"}) {
    World world(R"({"images":{"redis":"wrong:1"}})");
    world.put(kube::types::Pod::kind_info(), pod("c-x", "redis", waiting("redis", reason, "why")));
    EXPECT_EQ(told(world), "ImageNotPulled: Pod c-x cannot get the image \"wrong:1\" (" + reason +
                               "): why. Correct spec.images.redis, or make the image available to the node.\n");
  }
}

TEST(Troubles, WhoHoldsADeletedPodIsNamed) {
  World world;
  auto held = pod("c-redis-0-0", "redis", {{"phase", "Running"}});
  held["metadata"]["finalizers"] = {"eyes.example/hold"};
  held["metadata"]["deletionTimestamp"] = "2026-03-04T09:59:50Z";
  world.put(kube::types::Pod::kind_info(), held);
  EXPECT_EQ(told(world), "") << "it may be taken off in time";
  const auto alone = note_troubles(world.seen, world.now);
  EXPECT_TRUE(alone.requeue_after && *alone.requeue_after <= std::chrono::seconds(15)) << "or not: nobody tells of it";
  held["metadata"]["deletionTimestamp"] = "2026-03-04T09:59:40Z";
  world.put(kube::types::Pod::kind_info(), held);
  EXPECT_EQ(told(world),
            "PodHeld: Pod c-redis-0-0 was deleted, and its name is held by finalizer eyes.example/hold. Whoever set it "
            "has to take "
            "it off; where nobody will: kubectl patch pod c-redis-0-0 --type=merge -p "
            "'{\"metadata\":{\"finalizers\":null}}'.\n");
}

TEST(Troubles, WhoHoldsADeletedObjectIsNamed) {
  const auto way = [](const std::string& object) {
    return " Whoever set it has to take it off; where nobody will: kubectl patch " + object +
           " --type=merge -p '{\"metadata\":{\"finalizers\":null}}'.\n";
  };
  const std::string stays = ": it stays as it is until it is gone, and then it is made again.";
  const std::string no_pod = ": no new pod comes of it until it is gone, and then it is made again.";
  const struct {
    const kube::core::KindInfo& kind;
    const char* word;
    std::string meanwhile;
  } rows[] = {{kube::types::ConfigMap::kind_info(), "configmap", stays},
              {kube::types::Secret::kind_info(), "secret", stays},
              {kube::types::Service::kind_info(), "service", stays},
              {kube::types::StatefulSet::kind_info(), "statefulset", no_pod},
              {kube::types::Deployment::kind_info(), "deployment", no_pod},
              {kube::types::PersistentVolumeClaim::kind_info(), "persistentvolumeclaim", no_pod},
              {kube::types::Lease::kind_info(), "lease", ": it serves until it is gone, and then it is made again."}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.kind.kind);
    World world;
    json::Value held{{"metadata",
                      {{"name", "c-held"},
                       {"ownerReferences", json::Value::array({world.cluster_owner()})},
                       {"finalizers", {"kubernetes.io/pvc-protection", "eyes.example/hold"}},
                       {"deletionTimestamp", "2026-03-04T09:59:50Z"}}}};
    world.put(row.kind, held);
    EXPECT_EQ(told(world), "") << "it may be taken off in time";
    EXPECT_TRUE(note_troubles(world.seen, world.now).requeue_after) << "or not: nobody tells of it";
    held["metadata"]["deletionTimestamp"] = "2026-03-04T09:59:40Z";
    world.put(row.kind, held);
    EXPECT_EQ(told(world), "ObjectHeld: " + row.kind.kind +
                               " c-held was deleted, and its name is held by finalizer eyes.example/hold" +
                               row.meanwhile + way(std::string(row.word) + " c-held"));
    held["metadata"]["finalizers"] = {"foregroundDeletion"};
    world.put(row.kind, held);
    EXPECT_EQ(told(world), "") << "Kubernetes takes it off";
  }
}

TEST(Troubles, APodThatNobodyHoldsIsOnItsWay) {
  World world;
  auto going = pod("c-redis-0-0", "redis", {{"phase", "Running"}});
  going["metadata"]["deletionTimestamp"] = "2026-03-04T09:00:00Z";
  world.put(kube::types::Pod::kind_info(), going);
  EXPECT_EQ(told(world), "") << "its node may be away";
}

TEST(Troubles, OfAPodThatHasEndedNothingIsTold) {
  for (const char* phase : {"Failed", "Succeeded"}) {
    World world;
    auto status = waiting("redis", "CrashLoopBackOff", "back-off", kFailed);
    status["phase"] = phase;
    world.put(kube::types::Pod::kind_info(), pod("c-x", "redis", status));
    EXPECT_EQ(told(world), "") << phase << ": it comes to nothing any more, and another one takes its place";
  }
}

TEST(Troubles, WhatPassesByItselfIsNotTold) {
  World world;
  world.put(kube::types::Pod::kind_info(),
            pod("c-new", "postgres", unschedulable("persistentvolumeclaim \"x\" not found", "2026-03-04T09:59:55Z")));
  world.put(kube::types::Pod::kind_info(), pod("c-starts", "redis", waiting("redis", "ContainerCreating", "")));
  EXPECT_EQ(told(world), "");
  EXPECT_TRUE(world.plan().requeue_after) << "nothing else would look whether it has passed";
}

TEST(Troubles, EqualOnesAreOneSentence) {
  World world;
  for (const char* name : {"c-a", "c-b", "c-d"})
    world.put(kube::types::Pod::kind_info(), pod(name, "redis", unschedulable("3 Insufficient memory")));
  EXPECT_EQ(told(world),
            "PodUnschedulable: Pods (c-a, c-b and c-d), each: cannot be scheduled: 3 Insufficient memory. Lower "
            "spec.redis.resources.requests, or add a node with room.\n");
}

TEST(Troubles, AsksForTheWarningsOfWhatIsMute) {
  World world;
  world.put(kube::types::Pod::kind_info(), pod("c-mute", "redis", waiting("redis", "ContainerCreating", "")));
  world.put(kube::types::Pod::kind_info(), pod("c-pulls", "redis", waiting("redis", "ErrImagePull", "x")));
  auto young = waiting("redis", "ContainerCreating", "");
  young["startTime"] = "2026-03-04T09:59:58Z";
  world.put(kube::types::Pod::kind_info(), pod("c-young", "redis", young));
  world.put(kube::types::PersistentVolumeClaim::kind_info(),
            {{"metadata",
              {{"name", "data-x"},
               {"creationTimestamp", "2026-03-04T09:00:00Z"},
               {"labels", {{"app.kubernetes.io/component", "redis"}}}}},
             {"status", {{"phase", "Pending"}}}});
  auto set = std::make_shared<kube::types::StatefulSet>();
  set->metadata.labels["app.kubernetes.io/component"] = "redis";
  set->spec.replicas = 2;
  set->status.replicas = 1;
  world.seen.stateful_sets["c-redis-0"] = set;
  auto whole = std::make_shared<kube::types::StatefulSet>(*set);
  whole->status.replicas = 2;
  world.seen.stateful_sets["c-redis-1"] = whole;
  auto unseen = std::make_shared<kube::types::StatefulSet>(*set);  // its controller has not looked at it yet
  unseen->metadata.generation = 2;
  unseen->status.observed_generation = 1;
  world.seen.stateful_sets["c-redis-2"] = unseen;
  std::set<facts::ChildId> asked;
  for (const auto& one : unexplained(world.seen, world.now)) asked.insert(one.id);
  EXPECT_EQ(asked, (std::set<facts::ChildId>{
                       {"Pod", "c-mute"}, {"PersistentVolumeClaim", "data-x"}, {"StatefulSet", "c-redis-0"}}));
  world.seen.warnings = {{{"Pod", "c-mute"}, "FailedMount: secret \"y\" not found"},
                         {{"PersistentVolumeClaim", "data-x"}, "ProvisioningFailed: no such class"},
                         {{"StatefulSet", "c-redis-0"},
                          "FailedCreate: exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4"}};
  const auto said = told(world);
  EXPECT_NE(said.find("PodNotStarted: Pod c-mute does not start: FailedMount: secret \"y\" not found."),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("VolumeNotBound: PersistentVolumeClaim data-x is not bound: ProvisioningFailed: no such class. "
                      "Make it, or the volumes, or delete the CadenceCluster and its PersistentVolumeClaims and create "
                      "it with another spec.redis.storage.storageClassName."),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("limited: pods=4. Raise ResourceQuota few, or lower spec.redis.replicasPerShard."),
            std::string::npos)
      << said;
}

TEST(Troubles, AVolumeThatGoesWithItsPodIsNamedWhileItsDataIsThere) {
  World world;
  json::Value claim{{"metadata",
                     {{"name", "data-x"},
                      {"deletionTimestamp", "2026-03-04T09:59:59Z"},
                      {"labels", {{"app.kubernetes.io/component", "redis"}}}}},
                    {"status", {{"phase", "Bound"}}}};
  world.put(kube::types::PersistentVolumeClaim::kind_info(), claim);
  EXPECT_EQ(told(world), "") << "nobody uses it";
  auto user = pod("c-redis-0-0", "redis", {{"phase", "Running"}});
  user["spec"]["volumes"] =
      json::Value::array({{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data-x"}}}}});
  world.put(kube::types::Pod::kind_info(), user);
  EXPECT_EQ(told(world).find("VolumeGoing: PersistentVolumeClaim data-x was deleted, and goes with its data as soon as "
                             "Pod c-redis-0-0 ends."),
            0U)
      << told(world);
  user["metadata"]["deletionTimestamp"] = "2026-03-04T10:00:00Z";
  world.put(kube::types::Pod::kind_info(), user);
  EXPECT_EQ(told(world), "") << "it is on its way";
}

TEST(Troubles, AProvisionerThatDoesNothingIsNamed) {
  World world;
  json::Value claim{{"metadata",
                     {{"name", "data-x"},
                      {"creationTimestamp", "2026-03-04T09:59:30Z"},
                      {"labels", {{"app.kubernetes.io/component", "redis"}}},
                      {"annotations", {{"volume.kubernetes.io/storage-provisioner", "example.com/nobody"}}}}},
                    {"spec", {{"storageClassName", "late"}}},
                    {"status", {{"phase", "Pending"}}}};
  world.put(kube::types::PersistentVolumeClaim::kind_info(), claim);
  EXPECT_EQ(told(world), "") << "half a minute is nothing to a cloud";
  claim["metadata"]["creationTimestamp"] = "2026-03-04T09:58:00Z";
  world.put(kube::types::PersistentVolumeClaim::kind_info(), claim);
  EXPECT_EQ(
      told(world).find("VolumeNotBound: PersistentVolumeClaim data-x is not bound: provisioner example.com/nobody of "
                       "StorageClass late has made no volume for it. Check that the provisioner runs."),
      0U)
      << told(world);
  claim["metadata"].erase("annotations");
  World other;
  other.put(kube::types::PersistentVolumeClaim::kind_info(), claim);
  EXPECT_EQ(told(other), "") << "it waits for its pod to get a node, and that is told of the pod";
}

TEST(Troubles, ASetThatLacksPodsIsLookedAtAgain) {
  World world;
  auto set = std::make_shared<kube::types::StatefulSet>();
  set->spec.replicas = 2;
  world.seen.stateful_sets["c-redis-0"] = set;
  EXPECT_TRUE(note_troubles(world.seen, world.now).requeue_after)
      << "the event that says why comes later, and wakes nobody";
}

TEST(Troubles, TellWhatTheApiServerRefusesADeployment) {
  World world;
  auto deployment = std::make_shared<kube::types::Deployment>();
  deployment->metadata.name = "c-webhook";
  deployment->metadata.labels["app.kubernetes.io/component"] = "webhook";
  deployment->status.conditions = {
      {.type = "ReplicaFailure",
       .status = "True",
       .reason = "FailedCreate",
       .message =
           "pods \"c-webhook-x\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0",
       .last_transition_time = {},
       .last_update_time = {}}};
  world.seen.webhook = deployment;
  EXPECT_NE(told(world).find("PodsRefused: Deployment c-webhook gets no more pods (FailedCreate): pods \"c-webhook-x\" "
                             "is forbidden: exceeded quota: few, requested: pods=1, used: pods=0, limited: pods=0. "
                             "Raise ResourceQuota few, or lower spec.webhook.replicas."),
            std::string::npos)
      << told(world);
  deployment->status.conditions.front().status = "False";
  EXPECT_EQ(told(world).find("PodsRefused"), std::string::npos) << "it gets them again";
}

TEST(FailedPods, OfADeploymentAreRemovedAndOthersLeftToTheirControllers) {
  World world;
  auto evicted =
      pod("c-lb-1", "lb",
          {{"phase", "Failed"}, {"reason", "Evicted"}, {"message", "The node was low on resource: memory."}});
  evicted["metadata"]["ownerReferences"] = json::Value::array({{{"kind", "ReplicaSet"}, {"name", "r"}, {"uid", "u"}}});
  auto of_set = pod("c-redis-0-0", "redis", {{"phase", "Failed"}});
  of_set["metadata"]["ownerReferences"] = json::Value::array({{{"kind", "StatefulSet"}, {"name", "s"}, {"uid", "u"}}});
  world.put(kube::types::Pod::kind_info(), evicted);
  world.put(kube::types::Pod::kind_info(), of_set);
  const auto plan = remove_failed_pods(world.seen);
  ASSERT_EQ(plan.actions.size(), 1U);
  EXPECT_EQ(plan.actions.front().why,
            "Removed Pod c-lb-1, which had failed (Evicted: The node was low on resource: memory)");
  EXPECT_EQ(std::get<DeleteObject>(plan.actions.front().step).uid, "uid-c-lb-1");
}

}  // namespace
}  // namespace cadence::plan
