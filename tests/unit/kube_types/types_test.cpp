// Objects as an API server sends them, through our types and back.
#include <gtest/gtest.h>

#include "kube/types/apps.hpp"
#include "kube/types/autoscaling.hpp"
#include "kube/types/batch.hpp"
#include "kube/types/discovery.hpp"
#include "kube/types/networking.hpp"
#include "kube/types/policy.hpp"
#include "kube/types/rbac.hpp"

namespace cadence::kube::types {
namespace {

template <core::KubeObject T>
T object_from(const char* yaml) {
  const auto document = json::parse_yaml(yaml);
  EXPECT_TRUE(document) << yaml;
  return json::decode_leniently<T>(*document);
}

// What we know of an object survives decoding and encoding unchanged.
template <core::KubeObject T>
void expect_round_trip(const char* yaml) {
  const auto document = json::parse_yaml(yaml);
  ASSERT_TRUE(document) << yaml;
  EXPECT_EQ(json::dump(core::to_document(json::decode_leniently<T>(*document))), json::dump(*document));
}

TEST(KubeTypes, ReadsAPodAsTheKubeletReportsIt) {
  const auto pod = object_from<Pod>(
      R"({apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: demo, managedFields: [{manager: kubelet}]},
    spec: {nodeName: node1, containers: [{name: web, image: "web:1", terminationMessagePath: /dev/termination-log}]},
    status: {phase: Running, podIP: 10.0.0.7, hostIP: 10.1.0.1, qosClass: Burstable,
      conditions: [{type: Initialized, status: "True"}, {type: Ready, status: "True"}],
      containerStatuses: [{name: web, ready: true, started: true, restartCount: 2, imageID: "sha256:1",
        state: {running: {startedAt: "2026-01-01T00:00:00Z"}},
        lastState: {terminated: {exitCode: 137, reason: OOMKilled}}}]}})");
  EXPECT_EQ(pod.spec.node_name, "node1");
  EXPECT_EQ(pod.status.pod_ip, "10.0.0.7");
  ASSERT_EQ(pod.status.container_statuses.size(), 1U);
  const auto& status = pod.status.container_statuses[0];
  EXPECT_TRUE(status.ready && status.state.running && !status.state.waiting);
  EXPECT_EQ(status.restart_count, 2);
  EXPECT_EQ(status.last_state.terminated->exit_code, 137);
  EXPECT_TRUE(is_ready(pod));
}

TEST(KubeTypes, JobsAndCronJobsAreKeptAsTheyAre) {
  expect_round_trip<Job>(
      R"({apiVersion: batch/v1, kind: Job, metadata: {name: dump, namespace: demo},
    spec: {backoffLimit: 0, ttlSecondsAfterFinished: 600, activeDeadlineSeconds: 3600, suspend: false,
      template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never,
        containers: [{name: dump, image: "dump:1"}]}}},
    status: {active: 1, startTime: "2026-01-01T00:00:00Z"}})");
  expect_round_trip<CronJob>(
      R"({apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly, namespace: demo},
    spec: {schedule: "0 3 * * *", timeZone: Etc/UTC, concurrencyPolicy: Forbid, suspend: true,
      startingDeadlineSeconds: 60,
      successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0,
      jobTemplate: {spec: {template: {spec: {containers: [{name: dump, image: "dump:1"}]}}}}},
    status: {lastScheduleTime: "2026-01-01T03:00:00Z"}})");
}

TEST(KubeTypes, AJobEndsByItsConditionsAndNotByItsPods) {
  Job job;
  job.status.failed = 2;
  EXPECT_EQ(end_of(job), JobEnd::None);
  WorkloadCondition condition;
  condition.type = "Failed";
  condition.status = "False";
  job.status.conditions = {condition};
  EXPECT_EQ(end_of(job), JobEnd::None);
  job.status.conditions.front().status = "True";
  EXPECT_EQ(end_of(job), JobEnd::Failed);
  job.status.conditions.front().type = "Complete";
  EXPECT_EQ(end_of(job), JobEnd::Complete);
}

TEST(KubeTypes, APodThatGoesOrSaysNothingIsNotReady) {
  Pod pod;
  EXPECT_FALSE(is_ready(pod));
  pod.status.conditions = {
      {.type = "Ready", .status = "True", .reason = {}, .message = {}, .last_transition_time = {}}};
  EXPECT_TRUE(is_ready(pod));
  pod.metadata.deletion_timestamp = "2026-01-01T00:00:00Z";
  EXPECT_FALSE(is_ready(pod));
}

TEST(KubeTypes, KeepsTheDifferenceBetweenZeroAndUnsaid) {
  Deployment deployment;
  EXPECT_FALSE(core::to_document(deployment).contains("spec"));
  deployment.spec.replicas = 0;
  EXPECT_EQ(core::to_document(deployment)["spec"]["replicas"], 0);
  deployment.spec.strategy.rolling_update = RollingUpdate{.max_unavailable = 0, .max_surge = "25%", .partition = {}};
  EXPECT_EQ(core::to_document(deployment)["spec"]["strategy"]["rollingUpdate"],
            (json::Value{{"maxUnavailable", 0}, {"maxSurge", "25%"}}));
}

TEST(KubeTypes, ObjectsSurviveTheRoundTrip) {
  expect_round_trip<Pod>(
      R"({apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostname: a, automountServiceAccountToken: false,
    nodeSelector: {a: b},
    initContainers: [{name: side, restartPolicy: Always, startupProbe: {exec: {command: [x]}, periodSeconds: 1}}],
    containers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: Y, value: z}],
      ports: [{name: http, containerPort: 80, protocol: TCP}],
      livenessProbe: {tcpSocket: {port: 80}}, resources: {limits: {cpu: "1"}},
      lifecycle: {preStop: {exec: {command: [sleep, "1"]}}},
      securityContext: {capabilities: {drop: [ALL]}, readOnlyRootFilesystem: false}}],
    volumes: [{name: a, emptyDir: {}}, {name: b, secret: {secretName: s, defaultMode: 0}},
      {name: c, projected: {sources: [{configMap: {name: m, items: [{key: k, path: p}]}}]}},
      {name: d, persistentVolumeClaim: {claimName: d}}], tolerations: [{operator: Exists}]}})");
  expect_round_trip<StatefulSet>(
      R"({apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a},
    spec: {replicas: 2, serviceName: a, selector: {matchLabels: {a: b}},
    updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}},
    volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce],
      resources: {requests: {storage: 1Gi}}}}]},
    status: {observedGeneration: 3, readyReplicas: 2, updateRevision: r2}})");
  expect_round_trip<Service>(
      R"({apiVersion: v1, kind: Service, metadata: {name: a},
    spec: {clusterIP: None, publishNotReadyAddresses: true, selector: {a: b},
    ports: [{name: p, port: 1, targetPort: p, protocol: TCP}]}})");
  expect_round_trip<NetworkPolicy>(
      R"({apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a},
    spec: {podSelector: {}, policyTypes: [Ingress],
    ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 1, protocol: TCP}]}]}})");
  expect_round_trip<PodDisruptionBudget>(
      R"({apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a},
    spec: {maxUnavailable: 0, selector: {}}})");
  expect_round_trip<RoleBinding>(R"({apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a},
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a},
    subjects: [{kind: ServiceAccount, name: a, namespace: b}]})");
  expect_round_trip<HorizontalPodAutoscaler>(
      R"({apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a},
    spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, minReplicas: 1, maxReplicas: 3,
      metrics: [{type: Resource}]}})");
}

TEST(KubeTypes, ReadsWhichEndpointsAreLeaving) {
  const auto slice = object_from<EndpointSlice>(
      R"({metadata: {name: web-x}, addressType: IPv4, ports: [{name: http, port: 8000, protocol: TCP}],
    endpoints: [{addresses: [10.0.0.1], conditions: {ready: false, serving: true, terminating: true},
      targetRef: {kind: Pod, name: web-1}}, {addresses: [10.0.0.2], conditions: {}}]})");
  ASSERT_EQ(slice.endpoints.size(), 2U);
  EXPECT_EQ(slice.endpoints[0].conditions.terminating, true);
  EXPECT_EQ(slice.endpoints[0].target_ref->name, "web-1");
  EXPECT_FALSE(slice.endpoints[1].conditions.ready.has_value());
  EXPECT_EQ(slice.ports[0].port, 8000);
}

TEST(KubeTypes, KindsKnowTheirPaths) {
  EXPECT_EQ(Pod::kind_info().path("demo", "a"), "/api/v1/namespaces/demo/pods/a");
  EXPECT_EQ(Deployment::kind_info().path("demo", ""), "/apis/apps/v1/namespaces/demo/deployments");
  EXPECT_EQ(NetworkPolicy::kind_info().path("", ""), "/apis/networking.k8s.io/v1/networkpolicies");
  EXPECT_EQ(HorizontalPodAutoscaler::kind_info().api_version(), "autoscaling/v2");
}

}  // namespace
}  // namespace cadence::kube::types
