// Rules that hold for whatever spec, and the places where input could break out of a text.
#include <algorithm>

#include "cadence/resources/documents.hpp"
#include "cadence/resources/load_balancer/load_balancer.hpp"
#include "cadence/resources/network_policies.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "cadence/resources/redis/redis.hpp"
#include "cadence/resources/webhook/providers.hpp"
#include "cadence/resources/webhook/webhook.hpp"
#include "sample.hpp"

namespace cadence::resources {
namespace {

using kube::types::PodSpec;

std::vector<Document> all_documents(const Context& context) {
  std::vector<Document> out;
  for (const auto& part : {network_policy_documents(context), redis_documents(context), postgres_documents(context),
                           webhook_documents(context), load_balancer_documents(context)}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

std::vector<PodSpec> all_pods(const Context& context) {
  return {build_webhook_deployment(context).spec.template_.spec, build_lb_deployment(context).spec.template_.spec,
          build_redis_stateful_set(context, 0).spec.template_.spec, build_postgres_pod(context, 1).spec};
}

TEST(Resources, EveryPodMeetsTheRestrictedStandard) {
  const auto cluster = cluster_from("{}");
  for (const auto& pod : all_pods({.cluster = cluster})) {
    ASSERT_TRUE(pod.security_context);
    EXPECT_EQ(pod.security_context->run_as_non_root, true);
    EXPECT_GT(pod.security_context->run_as_user.value_or(0), 0);
    EXPECT_EQ(pod.enable_service_links, false);
    EXPECT_TRUE(pod.automount_service_account_token.has_value());
    auto containers = pod.containers;
    containers.insert(containers.end(), pod.init_containers.begin(), pod.init_containers.end());
    for (const auto& container : containers) {
      SCOPED_TRACE(container.name);
      const auto& security = container.security_context;
      ASSERT_TRUE(security && security->capabilities && security->seccomp_profile);
      EXPECT_EQ(security->allow_privilege_escalation, false);
      EXPECT_EQ(security->read_only_root_filesystem, true);
      EXPECT_EQ(security->capabilities->drop, std::vector<std::string>{"ALL"});
      EXPECT_EQ(security->seccomp_profile->type, "RuntimeDefault");
      EXPECT_EQ(container.image_pull_policy, "IfNotPresent");
    }
  }
}

TEST(Resources, EveryChildIsOwnedAndLabelled) {
  const auto cluster = cluster_from("{}");
  for (const auto& document : all_documents({.cluster = cluster})) {
    SCOPED_TRACE(document.kind->kind + " " + document.name);
    const auto& owner = document.body["metadata"]["ownerReferences"].at(0);
    EXPECT_EQ(owner["uid"], cluster.metadata.uid);
    EXPECT_EQ(owner["controller"], true);
    EXPECT_EQ(document.body["metadata"]["labels"]["app.kubernetes.io/instance"], "demo");
    EXPECT_EQ(document.body["metadata"]["labels"]["app.kubernetes.io/managed-by"], "cadence-operator");
    EXPECT_FALSE(document.body.contains("status"));
  }
}

TEST(Resources, VolumesOutliveTheClusterUnlessToldOtherwise) {
  const auto kept = cluster_from("{}"), deleted = cluster_from("{deletionPolicy: Delete}");
  EXPECT_TRUE(build_postgres_volume({.cluster = kept}, 1).metadata.owner_references.empty());
  EXPECT_EQ(build_postgres_volume({.cluster = deleted}, 1).metadata.owner_references.size(), 1U);
  EXPECT_EQ(build_redis_stateful_set({.cluster = kept}, 0).spec.persistent_volume_claim_retention_policy->when_deleted,
            "Retain");
  EXPECT_EQ(
      build_redis_stateful_set({.cluster = deleted}, 0).spec.persistent_volume_claim_retention_policy->when_deleted,
      "Delete");
}

TEST(Resources, SelectorsDoNotChangeWithTheSpec) {
  const auto plain = cluster_from("{}"),
             changed = cluster_from("{webhook: {port: 9000}, podTemplate: {labels: {a: b}}}");
  EXPECT_EQ(build_webhook_deployment({.cluster = plain}).spec.selector.match_labels,
            build_webhook_deployment({.cluster = changed}).spec.selector.match_labels);
}

TEST(Resources, WebhookPodsRollOnNewConfiguration) {
  const auto hash = [](const Context& context) {
    return build_webhook_deployment(context).spec.template_.metadata.annotations.at(names::kConfigHash);
  };
  const auto plain = cluster_from("{}"), other = cluster_from("{webhook: {workers: 5}}"),
             scaled = cluster_from("{webhook: {replicas: 5}}");
  EXPECT_NE(hash({.cluster = plain}), hash({.cluster = other}));
  EXPECT_EQ(hash({.cluster = plain}), hash({.cluster = scaled}));
}

TEST(Resources, CloneCredentialsAreMountedAndNamedInTheConfiguration) {
  const auto plain = cluster_from("{}"),
             named = cluster_from("{webhook: {clone: {credentialsSecretRef: git-credentials}}}");
  const auto volumes_of = [](const api::CadenceCluster& cluster) {
    const auto volumes = build_webhook_deployment({.cluster = cluster}).spec.template_.spec.volumes;
    return std::count_if(volumes.begin(), volumes.end(), [](const auto& volume) {
      return volume.secret && volume.secret->secret_name == "git-credentials";
    });
  };
  EXPECT_EQ(volumes_of(plain), 0);
  EXPECT_EQ(volumes_of(named), 1);
  const auto pod = build_webhook_deployment({.cluster = named}).spec.template_.spec;
  const auto& mounts = pod.containers.at(0).volume_mounts;
  EXPECT_TRUE(std::any_of(mounts.begin(), mounts.end(), [](const auto& mount) {
    return mount.mount_path == kCloneCredentials && mount.read_only == true;
  }));
  for (const auto& volume : pod.volumes) {
    EXPECT_TRUE(volume.name != "clone-credentials" || volume.secret->optional == true)
        << "a missing Secret keeps no server from starting";
  }
  EXPECT_EQ(webhook_configuration({.cluster = plain}).find("credentials_folder"), std::string::npos);
  EXPECT_NE(webhook_configuration({.cluster = named}).find("credentials_folder: /etc/cadence/clone-credentials"),
            std::string::npos);
}

TEST(Resources, TheContainersLimitHasRoomForWhatFetches) {
  const std::pair<const char*, const char*> rows[] = {
      {"{}", "1792Mi"},
      {"{webhook: {clone: {maxMemoryBytes: 1Gi}}}", "5120Mi"},
      {"{webhook: {clone: {maxMemoryBytes: 1Gi}, workers: 1}}", "1664Mi"},
      {"{webhook: {clone: {maxMemoryBytes: 1Ti}, resources: {limits: {memory: 1Gi}}}}", "1Gi"}};
  for (const auto& [spec, limit] : rows) {
    const auto cluster = cluster_from(spec);
    const auto pod = build_webhook_deployment({.cluster = cluster}).spec.template_.spec;
    EXPECT_EQ(json::string_at(pod.containers.at(0).resources, {"limits", "memory"}), limit) << spec;
  }
  const auto cluster = cluster_from("{webhook: {clone: {maxMemoryBytes: 1.5Gi}}}");
  EXPECT_EQ((*json::parse_yaml(webhook_configuration({.cluster = cluster})))["clone"]["max_memory_bytes"], 1610612736);
}

// An acknowledged delivery is owed a job: the kubelet must not end the pod before the server has had its time.
TEST(Resources, ASpoolHasAVolumeAndThePodTimeToEmptyIt) {
  const auto plain = cluster_from("{}"),
             spooling = cluster_from("{webhook: {ingest: {onDatabaseUnavailable: SpoolDisk}, spool: {size: 2Gi}}}");
  const auto pod_of = [](const api::CadenceCluster& cluster) {
    return build_webhook_deployment({.cluster = cluster}).spec.template_.spec;
  };
  const auto is_spool = [](const auto& volume) { return volume.name == "spool"; };
  const auto before = pod_of(plain), pod = pod_of(spooling);
  EXPECT_EQ(std::count_if(before.volumes.begin(), before.volumes.end(), is_spool), 0);
  EXPECT_EQ(before.termination_grace_period_seconds, 60);
  const auto volume = std::find_if(pod.volumes.begin(), pod.volumes.end(), is_spool);
  ASSERT_NE(volume, pod.volumes.end());
  EXPECT_EQ(volume->empty_dir->size_limit, "2624Mi") << "above the server's own bound: beyond it the pod is evicted";
  EXPECT_GE(*pod.termination_grace_period_seconds, kSpoolDrainSeconds + 60);
  const auto& mounts = pod.containers.at(0).volume_mounts;
  EXPECT_TRUE(std::any_of(mounts.begin(), mounts.end(), [](const auto& mount) {
    return mount.mount_path == kSpoolVolume && mount.read_only != true;
  }));
  const auto configuration = webhook_configuration({.cluster = spooling});
  for (const char* line : {"on_store_unavailable: spool_disk", "folder: /var/spool/cadence/deliveries",
                           "max_bytes: 2147483648", "drain_seconds: 540"})
    EXPECT_NE(configuration.find(line), std::string::npos) << line;
  EXPECT_EQ(webhook_configuration({.cluster = plain}).find("spool"), std::string::npos);
}

TEST(Resources, AnAutoscalerOwnsTheReplicas) {
  const auto cluster = cluster_from("{webhook: {replicas: 7, autoscaling: {minReplicas: 2, maxReplicas: 30}}}");
  const Context context{.cluster = cluster};
  const auto document = kube::core::to_document(build_webhook_deployment(context));
  EXPECT_FALSE(document["spec"].contains("replicas"));
  EXPECT_EQ(build_webhook_hpa(context)->spec.max_replicas, 30);
  EXPECT_EQ(haproxy_slots(cluster.spec), 64);
}

TEST(Resources, SlotsStayTheSameForSmallClusters) {
  for (const char* spec : {"{webhook: {replicas: 0}}", "{webhook: {replicas: 2}}", "{webhook: {replicas: 8}}"}) {
    EXPECT_EQ(haproxy_slots(cluster_from(spec).spec), 16) << spec;
  }
  EXPECT_EQ(haproxy_slots(cluster_from("{webhook: {replicas: 9}}").spec), 32);
  EXPECT_EQ(haproxy_slots(cluster_from("{webhook: {replicas: 100}}").spec), 256);
}

TEST(Resources, OnlyTheFirstInstanceMayInitialise) {
  const auto cluster = cluster_from("{}");
  const auto has_flag = [&](int number) {
    const auto args = build_postgres_pod({.cluster = cluster}, number).spec.containers.at(0).args;
    return std::find(args.begin(), args.end(), "--may-initialize") != args.end();
  };
  EXPECT_TRUE(has_flag(1));
  EXPECT_FALSE(has_flag(2));
  EXPECT_FALSE(has_flag(3));
}

TEST(Resources, TheWritableServiceIsFilledInByTheAgents) {
  const auto cluster = cluster_from("{}");
  const Context context{.cluster = cluster};
  for (const auto& service : build_postgres_services(context)) {
    EXPECT_EQ(service.spec.selector.empty(), service.metadata.name == "demo-postgres-rw") << service.metadata.name;
  }
  const auto slice = kube::core::to_document(build_postgres_endpoints(context));
  EXPECT_EQ(slice["metadata"]["labels"][kube::types::kServiceNameLabel], "demo-postgres-rw");
  EXPECT_FALSE(slice.contains("endpoints")) << "applying the slice must never take addresses away";
  const auto args = build_postgres_pod(context, 2).spec.containers.at(0).args;
  EXPECT_NE(std::find(args.begin(), args.end(), slice["metadata"]["name"]), args.end());
}

TEST(Resources, APostgresPodIsInOneBudgetAndThePrimaryStays) {
  const auto cluster = cluster_from("{postgres: {instances: 5}, webhook: {replicas: 0}}");
  const auto budgets = build_postgres_pdbs({.cluster = cluster});
  ASSERT_EQ(budgets.size(), 2U);
  EXPECT_NE(budgets[0].spec.selector.match_labels.at(names::kRoleLabel),
            budgets[1].spec.selector.match_labels.at(names::kRoleLabel))
      << "two budgets for a pod forbid every eviction";
  EXPECT_EQ(budgets[0].spec.min_available, 1);
  EXPECT_EQ(budgets[1].spec.min_available, 3);
  for (const auto& budget : budgets)
    EXPECT_TRUE(budget.spec.max_unavailable.is_null()) << "counted by the owner's scale";
  const auto single = cluster_from("{postgres: {instances: 1, synchronous: {mode: Off}}}");
  EXPECT_TRUE(build_postgres_pdbs({.cluster = single}).empty());
}

TEST(Resources, TheShardsThatRedisWasFormedWithHaveThePods) {
  const auto cluster = cluster_from("{redis: {shards: 3}}");
  EXPECT_EQ(redis_shard_count({.cluster = cluster}), 3);
  for (const int formed : {1, 5}) EXPECT_EQ(redis_shard_count({.cluster = cluster, .redis_shards = formed}), formed);
}

TEST(Resources, ParametersCannotBreakOutOfTheirLine) {
  auto cluster = cluster_from("{}");
  cluster.spec.postgres.parameters = {{"log_line_prefix", "a'\nlisten_addresses = '*"},
                                      {"x\nport", "1"},
                                      {"port", "1"},
                                      {"Port", "2"},
                                      {"max_wal_senders", "20"}};
  EXPECT_EQ(postgres_configuration({.cluster = cluster}),
            "log_line_prefix = 'a''\\nlisten_addresses = ''*'\nmax_replication_slots = '10'\nmax_wal_senders = "
            "'20'\nwal_level = 'replica'\n");
  cluster.spec.redis.config = {{"maxclients", "10\nport 1"},
                               {"a b", "c"},
                               {"port", "1"},
                               {"unixsocket", "/tmp/x"},
                               {"notify-keyspace-events", ""}};
  const auto redis = redis_configuration({.cluster = cluster});
  EXPECT_NE(redis.find("\nmaxclients 10 port 1\n"), std::string::npos) << redis;
  EXPECT_NE(redis.find("\nport 6379\n"), std::string::npos);
  EXPECT_NE(redis.find("\nnotify-keyspace-events \"\"\n"), std::string::npos);
  EXPECT_EQ(redis.find("unixsocket"), std::string::npos) << "the agent owns it";
  EXPECT_EQ(redis.find("a b"), std::string::npos);
}

TEST(Resources, TheConfigurationNamesEverySecretFile) {
  const auto generated = cluster_from("{}");
  const auto file = json::parse_yaml(webhook_configuration({.cluster = generated}));
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)["webhook"]["secrets"]["github"][0]["file"], "/etc/cadence/secrets/github/0");
  EXPECT_EQ((*file)["webhook"]["max_body_bytes"], 27262976);
  EXPECT_EQ((*file)["retention"], (json::Value{{"results_hours", 720}, {"dedupe_hours", 336}}));
  EXPECT_EQ((*file)["clone"]["max_repository_bytes"], 2147483648);
  EXPECT_TRUE(needs_generated_github_secret(generated.spec));
}

TEST(Resources, EverySendersSecretsAreMountedUnderTheNameThatTheServersKnow) {
  const auto cluster = cluster_from(
      "{webhook: {secrets: {azureDevOps: [{secretRef: {name: hook, key: a}, repositories: [\"acme/*\"]}], "
      "gitlab: [{secretRef: {name: hook, key: b}}]}}}");
  const auto providers = webhook_providers({.cluster = cluster});
  ASSERT_EQ(providers.size(), 3u);
  EXPECT_EQ(providers[0].name, "github") << "its Secret is generated all the same";
  const auto file = json::parse_yaml(webhook_configuration({.cluster = cluster}));
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)["webhook"]["secrets"]["azureDevOps"][0],
            (json::Value{{"file", "/etc/cadence/secrets/azureDevOps/0"}, {"repositories", {"acme/*"}}}));
  EXPECT_EQ((*file)["webhook"]["secrets"]["gitlab"][0]["file"], "/etc/cadence/secrets/gitlab/0");
  const auto pod = build_webhook_deployment({.cluster = cluster}).spec.template_.spec;
  for (const auto& provider : providers) {
    EXPECT_EQ(std::count_if(pod.volumes.begin(), pod.volumes.end(),
                            [&](const auto& volume) { return volume.name == provider.volume(); }),
              1)
        << provider.name;
  }
  EXPECT_EQ(providers[2].volume(), "secrets-azuredevops") << "a volume's name is a DNS label";
}

TEST(Resources, WithoutALoadBalancerNothingOfItIsBuilt) {
  const auto cluster = cluster_from("{loadBalancer: {type: None}}");
  const Context context{.cluster = cluster};
  EXPECT_TRUE(load_balancer_documents(context).empty());
  EXPECT_EQ(build_network_policies(context).size(), 3U);
  const auto off = cluster_from("{networkPolicies: false}");
  EXPECT_TRUE(build_network_policies({.cluster = off}).empty());
}

// A label is anybody's to put on a pod; who may come in from elsewhere is named by the namespace as well.
TEST(Resources, NoPolicyTrustsEveryNamespace) {
  const auto cluster = cluster_from("{monitoring: {namespaces: [watch, other]}}");
  std::map<std::string, int> named;
  for (const std::string home : {"", "cadence-system"}) {
    for (const auto& policy : build_network_policies({.cluster = cluster, .operator_namespace = home})) {
      for (const auto& rule : policy.spec.ingress) {
        for (const auto& peer : rule.from) {
          if (!peer.namespace_selector) continue;
          ASSERT_EQ(peer.namespace_selector->match_labels.count("kubernetes.io/metadata.name"), 1U)
              << policy.metadata.name;
          ++named[peer.namespace_selector->match_labels.at("kubernetes.io/metadata.name")];
        }
      }
    }
  }
  EXPECT_EQ(named, (std::map<std::string, int>{{"cadence-system", 4}, {"watch", 6}, {"other", 6}}));
}

// A rule without peers lets everybody in: that is for the load balancer's public ports alone.
TEST(Resources, WhereNobodyScrapesNothingBecomesOpen) {
  const auto cluster = cluster_from("{monitoring: {namespaces: []}}");
  for (const auto& policy : build_network_policies({.cluster = cluster})) {
    for (const auto& rule : policy.spec.ingress) {
      const bool is_public = policy.metadata.name == "demo-lb" && rule.ports.front().port == 8080;
      EXPECT_EQ(rule.from.empty(), is_public) << policy.metadata.name;
    }
  }
}

TEST(Resources, APlainPostgresImageGetsTheAgentFromAnother) {
  auto cluster = cluster_from("{}");
  cluster.spec.images.postgres = "docker.io/library/postgres:15";
  cluster.spec.images.agent = "cadence-postgres:dev";
  const auto pod = build_postgres_pod({.cluster = cluster}, 1);
  ASSERT_EQ(pod.spec.init_containers.size(), 1U);
  EXPECT_EQ(pod.spec.init_containers[0].image, "cadence-postgres:dev");
  EXPECT_EQ(pod.spec.init_containers[0].command,
            (std::vector<std::string>{"cadence-agent", "install", "/opt/cadence"}));
  EXPECT_EQ(pod.spec.containers[0].command, std::vector<std::string>{"/opt/cadence/cadence-agent"});
  EXPECT_EQ(pod.spec.containers[0].image, "docker.io/library/postgres:15");
  cluster.spec.images.agent.clear();
  EXPECT_TRUE(build_postgres_pod({.cluster = cluster}, 1).spec.init_containers.empty());
}

}  // namespace
}  // namespace cadence::resources
