#include "cadence/plan/refusals.hpp"

#include <gtest/gtest.h>

namespace cadence::plan {
namespace {

struct Case {
  std::string said, field, advice;
};

TEST(Refusals, NameTheFieldOrTheObjectThatChangesThem) {
  const std::vector<Case> cases{
      {"pods \"c\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4", "spec.postgres", "Raise ResourceQuota few, or lower spec.postgres.instances."},
      {"exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4 (403)", "spec.loadBalancer", "Raise ResourceQuota few, or lower spec.loadBalancer.replicas."},
      {"exceeded quota: q, requested: limits.memory=256Mi,requests.cpu=50m, used: x, limited: y", "spec.redis", "Raise ResourceQuota q, or lower spec.redis.resources."},
      {"exceeded quota: q, requested: requests.storage=10Gi, used: requests.storage=0, limited: requests.storage=5Gi", "spec.postgres", "Raise ResourceQuota q, or lower spec.postgres.storage.size."},
      {"exceeded quota: q, requested: pods=1,requests.memory=1Gi, used: x, limited: y", "spec.webhook", "Raise ResourceQuota q, or lower spec.webhook.resources or spec.webhook.replicas."},
      {"exceeded quota: q, requested: services=1, used: services=2, limited: services=2 (403)", "", "Raise ResourceQuota q."},
      {"failed quota: q: must specify limits.cpu for: webhook; limits.memory for: webhook", "spec.webhook",
       "ResourceQuota q wants it said: give the namespace a LimitRange with defaults, or set it in spec.webhook.resources."},
      {"maximum memory usage per Container is 16Mi, but limit is 256Mi", "spec.redis", "Change spec.redis.resources, or the namespace's LimitRange."},
      {"minimum cpu usage per Pod is 2, but request is 50m", "spec.redis", "Change spec.redis.resources, or the namespace's LimitRange."},
      {"Pod \"c\" is invalid: spec.containers[0].resources.requests: Invalid value: \"128Mi\": must be less than or equal to memory limit of 16Mi (422)", "spec.postgres",
       "Change spec.postgres.resources, or the namespace's LimitRange."},
      {"violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", "spec.webhook",
       "Our pods keep to level restricted: look for what adds to them, or change the namespace's label pod-security.kubernetes.io/enforce."},
      {"pods \"c\" is forbidden: no PriorityClass with name high was found", "spec.webhook", "Correct spec.podTemplate.priorityClassName, or make the PriorityClass."},
      {"admission webhook \"deny.example.com\" denied the request: no", "spec.webhook", "Ask whoever runs the admission webhook deny.example.com, or except this namespace from it."},
      {"ValidatingAdmissionPolicy 'teams' with binding 'b' denied request: no", "", "Change ValidatingAdmissionPolicy teams, or except this namespace from it."},
      {"the moon is full", "spec.webhook", ""},
      {"exceeded quota: ", "spec.webhook", "Raise ResourceQuota ."},
  };
  for (const auto& c : cases) EXPECT_EQ(advice_on_refusal(c.said, c.field), c.advice) << c.said;
}

}  // namespace
}  // namespace cadence::plan
