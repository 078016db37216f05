#include "cadence/plan/common/refusals.hpp"

#include <gtest/gtest.h>

namespace cadence::plan {
namespace {

struct Case {
  std::string said, field, advice;
};

TEST(Refusals, NameTheFieldOrTheObjectThatChangesThem) {
  const std::vector<Case> cases{
      {"pods \"c\" is forbidden: exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4",
       "spec.postgres", "Raise ResourceQuota few, or lower spec.postgres.instances."},
      {"exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4 (403)", "spec.loadBalancer",
       "Raise ResourceQuota few, or lower spec.loadBalancer.replicas."},
      {"exceeded quota: q, requested: limits.memory=256Mi,requests.cpu=50m, used: x, limited: y", "spec.redis",
       "Raise ResourceQuota q, or lower spec.redis.resources."},
      {"exceeded quota: q, requested: requests.storage=10Gi, used: requests.storage=0, limited: requests.storage=5Gi",
       "spec.postgres", "Raise ResourceQuota q, or lower spec.postgres.storage.size."},
      {"exceeded quota: q, requested: pods=1,requests.memory=1Gi, used: x, limited: y", "spec.webhook",
       "Raise ResourceQuota q, or lower spec.webhook.resources or spec.webhook.replicas."},
      {"exceeded quota: q, requested: services=1, used: services=2, limited: services=2 (403)", "",
       "Raise ResourceQuota q."},
      {"failed quota: q: must specify limits.cpu for: webhook; limits.memory for: webhook", "spec.webhook",
       "ResourceQuota q wants it said: give the namespace a LimitRange with defaults, or set it in "
       "spec.webhook.resources."},
      {"maximum memory usage per Container is 16Mi, but limit is 256Mi", "spec.redis",
       "Change spec.redis.resources, or the namespace's LimitRange."},
      {"minimum cpu usage per Pod is 2, but request is 50m", "spec.redis",
       "Change spec.redis.resources, or the namespace's LimitRange."},
      {"Pod \"c\" is invalid: spec.containers[0].resources.requests: Invalid value: \"128Mi\": must be less than or "
       "equal to memory limit of 16Mi (422)",
       "spec.postgres", "Change spec.postgres.resources, or the namespace's LimitRange."},
      {"violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false", "spec.webhook",
       "Our pods keep to level restricted: look for what adds to them, or change the namespace's label "
       "pod-security.kubernetes.io/enforce."},
      {"pods \"c\" is forbidden: no PriorityClass with name high was found", "spec.webhook",
       "Correct spec.podTemplate.priorityClassName, or make the PriorityClass."},
      {"admission webhook \"deny.example.com\" denied the request: no", "spec.webhook",
       "Ask whoever runs the admission webhook deny.example.com, or except this namespace from it."},
      {"Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: no endpoints (500)",
       "spec.webhook",
       "Look after the admission webhook w.example.com, which does not answer, or except this namespace from it."},
      {"ValidatingAdmissionPolicy 'teams' with binding 'b' denied request: no", "",
       "Change ValidatingAdmissionPolicy teams, or except this namespace from it."},
      {"the moon is full", "spec.webhook", ""},
      {"exceeded quota: ", "spec.webhook", "Raise ResourceQuota ."},
  };
  for (const auto& c : cases) EXPECT_EQ(advice_on_refusal(c.said, c.field), c.advice) << c.said;
}

TEST(Refusals, AlwaysSayWhatToDoNext) {
  using base::ErrorKind;
  struct Told {
    ErrorKind kind;
    std::string kind_of_object, said, advice;
  };
  const std::vector<Told> cases{
      {ErrorKind::Invalid, "Secret", "data: Forbidden: field is immutable when `immutable` is set (422)",
       "Delete Secret s: it is made again, with what the operator still remembers of it."},
      {ErrorKind::Invalid, "ConfigMap", "data: Forbidden: field is immutable when `immutable` is set (422)",
       "Delete ConfigMap s: it is made again."},
      {ErrorKind::Invalid, "Service",
       "spec.clusterIPs[0]: Invalid value: []string{\"None\"}: may not change once set (422)",
       "Delete Service s: it is made again."},
      {ErrorKind::Invalid, "RoleBinding", "roleRef: Invalid value: cannot change roleRef (422)",
       "Delete RoleBinding s: it is made again."},
      {ErrorKind::Invalid, "StatefulSet",
       "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden (422)",
       "Delete StatefulSet s with --cascade=orphan: it is made again and takes its pods back."},
      {ErrorKind::Invalid, "Deployment", "spec.selector: Invalid value: field is immutable (422)",
       "Delete Deployment s: it is made again, and its pods with it."},
      {ErrorKind::Invalid, "PersistentVolumeClaim", "spec.storageClassName: field is immutable (422)",
       "Look at PersistentVolumeClaim s, which somebody may have changed, and at the fields of the spec that this "
       "speaks of."},
      {ErrorKind::NotFound, "PodDisruptionBudget", "the server could not find the requested resource (404)",
       "Look into kubectl api-resources: this API server does not serve the kind of PodDisruptionBudget s."},
      {ErrorKind::Forbidden, "Service",
       "services is forbidden: User \"system:serviceaccount:o:o\" cannot create resource \"services\" (403)",
       "Give the operator this right again: install its chart's roles as they were."},
      {ErrorKind::Forbidden, "Service",
       "unable to create new content in namespace n because it is being terminated (403)",
       "Its namespace is being deleted."},
      {ErrorKind::Forbidden, "Service", "no (403)", "Ask whoever runs the Kubernetes cluster what forbids it."},
  };
  for (const auto& c : cases) {
    Action action;
    action.object = {c.kind_of_object, "s"};
    EXPECT_TRUE(is_refusal({c.kind, c.said})) << c.said;
    EXPECT_EQ(refusal_of({c.kind, c.said}, action).message, c.said + ". " + c.advice);
  }
  EXPECT_TRUE(is_refusal({ErrorKind::Transient, "Internal error occurred: failed calling webhook \"w\": no (500)"}));
  EXPECT_FALSE(is_refusal({ErrorKind::Transient, "Internal error occurred: etcd (500)"}));
  EXPECT_FALSE(is_refusal({ErrorKind::Forbidden, "Unauthorized (401)"}));
  EXPECT_FALSE(is_refusal({ErrorKind::NotFound, "pods \"p\" not found (404)"}));
}

}  // namespace
}  // namespace cadence::plan
