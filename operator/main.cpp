// cadence-operator: flags to objects, then run until a signal or until the lead is lost. The page to read first is
// cadence/reconcile/reconciler.cpp.
#include <cstdio>

#include "base/memory.hpp"
#include "cadence/plan/plan.hpp"
#include "cadence/plan/postgres/failover.hpp"
#include "cadence/reconcile/releaser.hpp"
#include "cadence/reconcile/wishes.hpp"
#include "cadence/watches/watches.hpp"
#include "flags.hpp"
#include "kube/control/controllers.hpp"
#include "kube/control/health.hpp"
#include "kube/control/lease_client.hpp"
#include "kube/control/manager.hpp"
#include "kube/control/stop_signals.hpp"
#include "kube/types/events.hpp"
#include "net/server.hpp"
#include "redis/executor.hpp"

namespace {

using namespace cadence;
using namespace std::chrono_literals;

constexpr auto kSyncDeadline = 2min;
constexpr auto kLeaseTimeout = 5s;  // half the renew deadline: one hung call does not lose the Lease
constexpr auto kCallTimeout = 10s;
constexpr auto kRedisDeadline = 3s;
constexpr auto kGrace = 20s;  // below the chart's terminationGracePeriodSeconds
constexpr auto kLongestReconcile = 5min;

using kube::control::Part;
using kube::control::Phase;

kube::client::Client make_client(const std::shared_ptr<kube::client::ConfigSource>& config,
                                 kube::control::Registry& registry, std::function<bool()> may_write,
                                 std::chrono::milliseconds timeout) {
  kube::client::Client::Options options;
  options.user_agent = kube::client::user_agent("cadence-operator");
  options.may_write = std::move(may_write);
  options.timeout = timeout;
  const auto origin = config->origin();
  options.observe = kube::control::observe_requests(registry, origin ? origin->host : "unknown");
  return {net::make_cpprest_transport(kube::client::origin_of(config)), config, std::move(options)};
}

Part server_part(const std::string& name, const std::string& bind, net::HeadHandler handler) {
  const auto server = std::make_shared<std::unique_ptr<net::Server>>();
  const auto start = [=]() -> base::Result<void> {
    const auto address = *parse_bind_address(bind);
    net::ServerOptions options;
    options.address = address.first;
    options.port = address.second;
    options.max_connections = 64;
    auto started = net::start_server(options, handler);
    if (!started) return started.error().with_context("Could not serve " + name);
    *server = std::move(*started);
    return {};
  };
  return {name, start, [=](std::chrono::milliseconds) { server->reset(); }, {}};
}

// Everything the operator is made of, introduced to each other. The order of members is the order of construction.
class Operator {
 public:
  Operator(const Flags& flags, const std::shared_ptr<kube::client::ConfigSource>& config)
      : flags_(flags),
        lease_calls_(make_client(config, registry_, {}, kLeaseTimeout)),
        leases_(kube::control::make_lease_client(lease_calls_)),
        elector_({.lease = {flags.pod_namespace.empty() ? config->default_namespace() : flags.pod_namespace,
                            "cadence-operator"},
                  .identity = kube::control::make_identity()},
                 *leases_, registry_),
        client_(make_client(
            config, registry_, [this] { return leads(); }, kCallTimeout)),
        streams_(net::make_beast_stream_opener(kube::client::origin_of(config))),
        observer_(caches_, reconcile::planners_wishes(), observe::server_transport(), live_readers(),
                  flags_.pod_namespace),
        events_({.controller = "cadence.noslop.tech/operator", .instance = flags.pod_name},
                kube::control::make_event_sender(client_), registry_),
        reconciler_(parts()),
        releaser_(parts()),
        controller_(
            {.name = "cadencecluster", .workers = flags.workers},
            [this](const auto& key, std::stop_token stop) {
              return leads() ? reconciler_.reconcile(key, stop) : kube::control::ReconcileResult::done();
            },
            registry_),
        releases_(
            {.name = "postgresrelease"},
            [this](const auto& key, std::stop_token stop) {
              return leads() ? releaser_.release(key, stop) : kube::control::ReconcileResult::done();
            },
            registry_),
        watches_(caches_, gate_, {controller_.queue(), releases_.queue()}, {config, *streams_, client_}, registry_,
                 flags.namespaces) {
    const auto clusters = [this] { return kube::cache::keys_of(caches_.clusters); };
    controllers_.add(releases_, clusters);
    controllers_.add(controller_, clusters);
  }

  int run() {
    // What a burst of work needed, a bring-up above all, is given back within a minute of its end.
    kube::control::Manager manager({.grace = kGrace, .tidy = base::drop_startup_pages});
    add_checks(manager);
    manager.add(Phase::Servers, server_part("metrics", flags_.metrics_address,
                                            kube::control::observability_handler(health_, registry_)));
    manager.add(Phase::Servers,
                server_part("health", flags_.health_address, kube::control::observability_handler(health_, registry_)));
    manager.add(Phase::Caches,
                {"watches",
                 [this] {
                   watches_.start();
                   return base::ok();
                 },
                 [this](std::chrono::milliseconds) { watches_.stop(); }, [this] { return watches_.missing(); }});
    if (flags_.is_electing) manager.add(Phase::Others, election_part());
    manager.add(Phase::LeaderOnly, {"events",
                                    [this] {
                                      events_.start();
                                      return base::ok();
                                    },
                                    [this](std::chrono::milliseconds) { events_.stop(); }});
    for (auto& part : controllers_.parts()) manager.add(Phase::LeaderOnly, std::move(part));
    // Once the caches are full: the first lists' documents, and the code that only starting needed.
    manager.add(Phase::Others, {"memory", [] {
                                  base::drop_startup_pages();
                                  return base::ok();
                                }});
    return manager.run();
  }

  // Prints what would be done for each CadenceCluster, and does nothing.
  int print_plans() {
    watches_.start();
    const auto deadline = base::system_clock().monotonic() + kSyncDeadline;
    while (!watches_.missing().empty() && base::system_clock().monotonic() < deadline) base::wait_for({}, 50ms);
    if (!watches_.missing().empty()) {
      base::log_error("Could not fill the caches", {{"missing", watches_.missing()}});
      return 1;
    }
    for (const auto& cluster : caches_.clusters.list()) {
      const auto key = kube::core::key_of(*cluster);
      const auto observation = observer_.observe(key, {});
      if (!observation) continue;
      if (const auto release = plan::plan_release(*observation, base::system_clock().wall()))
        std::printf("%s\n", release->why.c_str());
      std::printf("CadenceCluster %s\n%s\n", key.to_string().c_str(),
                  plan::to_text(plan::make_plan(*observation, flags_.images, base::system_clock().wall())).c_str());
    }
    return 0;
  }

 private:
  // Asked right before each write too, so a lost lead ends the writing, not the process: its caches stay warm for the
  // next term.
  bool leads() const { return !flags_.is_electing || elector_.may_write(); }

  reconcile::Parts parts() {
    return {observer_,
            gate_,
            client_,
            events_,
            [this](const auto& cluster, const auto& command, std::stop_token stop) {
              return run_redis(cluster, command, stop);
            },
            flags_.images,
            base::system_clock()};
  }

  Part election_part() {
    return {"election",
            [this] {
              elector_.start({[this] { controllers_.requeue_all(); }, [] {}});
              return base::ok();
            },
            [this](std::chrono::milliseconds) { elector_.stop(); }};
  }

  void add_checks(const kube::control::Manager& manager) {
    using kube::control::Health;
    const auto transient = [](const std::string& message) {
      return base::Result<void>(base::Error{base::ErrorKind::Transient, message});
    };
    health_.add(Health::Kind::Live, "watches", [this, transient] {
      return watches_.stuck().empty() ? base::ok() : transient("no sign of life from the watch of " + watches_.stuck());
    });
    health_.add(Health::Kind::Live, "controller", [this, transient] {
      return controllers_.are_live(kLongestReconcile) ? base::ok() : transient("a reconcile does not end");
    });
    health_.add(Health::Kind::Ready, "caches", [this, &manager, transient] {
      const auto missing = watches_.missing();
      return manager.is_up() && missing.empty() ? base::ok() : transient("not filled: " + missing);
    });
  }

  observe::LiveReaders live_readers() {
    return {.secrets = [this](const auto& key,
                              std::stop_token stop) { return client_.get<kube::types::Secret>(key, stop); },
            .objects = [this](const auto& kind, const auto& key,
                              std::stop_token stop) { return client_.get(kind, key, stop); },
            .events = [this](const auto& id, const auto& namespace_,
                             std::stop_token stop) { return list_warnings(id, namespace_, stop); }};
  }

  base::Result<std::vector<json::Value>> list_warnings(const facts::ChildId& id, const std::string& namespace_,
                                                       std::stop_token stop) {
    constexpr int kMost = 100;
    const auto found =
        client_.list(kube::types::Event::kind_info(),
                     {.namespace_ = namespace_,
                      .field_selector = "type=Warning,regarding.kind=" + id.kind + ",regarding.name=" + id.name,
                      .limit = kMost},
                     stop);
    if (!found) return found.error();
    std::vector<json::Value> out;
    for (const auto& event : json::at_path(*found, {"items"})) out.push_back(event);
    return out;
  }

  base::Result<void> run_redis(const kube::core::ObjectKey& cluster, const redis::Command& command,
                               std::stop_token stop) {
    const auto credentials = observer_.redis_credentials(cluster);
    if (credentials.empty())
      return base::Error{base::ErrorKind::Transient,
                         "The Redis passwords of " + cluster.to_string() + " are not in the cache yet"};
    return redis::execute(credentials, command, {base::system_clock().monotonic() + kRedisDeadline, stop});
  }

  const Flags& flags_;
  kube::control::Registry registry_;
  kube::control::Health health_;
  kube::client::Client lease_calls_;
  std::unique_ptr<kube::control::LeaseClient> leases_;
  kube::control::LeaderElector elector_;
  kube::client::Client client_;
  std::unique_ptr<net::StreamOpener> streams_;
  observe::Caches caches_;
  kube::cache::ConsistencyGate gate_;
  observe::Observer observer_;
  kube::control::EventRecorder events_;
  reconcile::Reconciler reconciler_;
  reconcile::Releaser releaser_;
  kube::control::Controller controller_, releases_;
  kube::control::Controllers controllers_;
  watches::Watches watches_;
};

}  // namespace

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto flags = parse_flags(argc, argv, exit_code);
  if (!flags) return exit_code;
  kube::control::block_stop_signals();
  base::set_up_memory();
  base::set_up_logging(flags->log_level, flags->log_format);
  net::set_up_cpprest();
  const auto config = kube::client::discover(flags->kubeconfig);
  if (!config) {
    base::log_error("Could not find the API server", {{"error", config.error().message}});
    return 2;
  }
  Operator program(*flags, *config);
  return flags->is_dry_run ? program.print_plans() : program.run();
}
