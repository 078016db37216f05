#include "program.hpp"

#include "cadence/reconcile/wishes.hpp"

namespace cadence::exploration {
namespace {

std::shared_ptr<kube::client::ConfigSource> no_credentials() {
  kube::client::Config config;
  config.host = "simulated";
  return kube::client::make_config_source(config);
}

}  // namespace

Program::Program(World& world, const Mishap& mishap, const resources::Images& images)
    : world_(world),
      mishap_(mishap),
      connection_(world.server, {.fate = [this](const auto&) { return fate(); },
                                 .may_show = [this](const auto& delivery) { return may_show(delivery); }}),
      config_(no_credentials()),
      client_(connection_.transport(), config_, {.user_agent = "cadence-operator/test"}),
      streams_(connection_.streams()),
      caches_(world.clock),
      observer_(caches_, reconcile::planners_wishes(), probes(), live_readers(), "system", world.clock),
      recorder_(
          {.controller = "cadence.noslop.tech/operator", .instance = "test"},
          [](const auto&, std::stop_token) { return base::ok(); }, registry_, world.clock),
      reconciler_(parts(images)),
      releaser_(parts(images)),
      controller_(
          {.name = "cadencecluster"},
          [this](const auto& key, std::stop_token stop) { return reconciler_.reconcile(key, stop); }, registry_,
          world.clock),
      releases_(
          {.name = "postgresrelease"},
          [this](const auto& key, std::stop_token stop) { return releaser_.release(key, stop); }, registry_,
          world.clock),
      watches_(caches_, gate_, {controller_.queue(), releases_.queue()}, {config_, *streams_, client_}, registry_, {}) {
  for (const auto* one : watches_.informers())
    informers_.emplace_back(one->kind(), one->selection(), kube::cache::Connections{config_, *streams_, client_},
                            one->sink());
}

reconcile::Parts Program::parts(const resources::Images& images) {
  return {observer_,
          gate_,
          client_,
          recorder_,
          [this](const auto&, const auto& command, std::stop_token) { return run_redis(command); },
          images,
          world_.clock};
}

observe::Probes Program::probes() {
  return {.agents = [this](const auto& addresses, std::stop_token) { return world_.databases.answer(addresses); },
          .webhook_servers =
              [](const observe::Addresses& addresses, std::uint16_t, std::stop_token) {
                std::map<std::string, facts::StoreReport> out;
                for (const auto& [pod, ip] : addresses) out[pod] = {};
                return out;
              },
          .redis = [this](const auto& targets, std::stop_token) { return world_.probe_redis(targets); }};
}

observe::LiveReaders Program::live_readers() {
  return {
      .secrets = [this](const auto& key, std::stop_token stop) { return client_.get<kube::types::Secret>(key, stop); },
      .objects = [this](const auto& kind, const auto& key,
                        std::stop_token stop) { return client_.get(kind, key, stop); },
      .events = [](const auto&, const auto&,
                   std::stop_token) { return base::Result<std::vector<json::Value>>(std::vector<json::Value>{}); }};
}

Fate Program::fate() { return ++writes_ == mishap_.write ? mishap_.fate : Fate{}; }

bool Program::may_show(const kube::testing::Delivery& delivery) {
  const auto number = events_seen_.emplace(delivery.version, static_cast<int>(events_seen_.size()) + 1).first->second;
  if (mishap_.event == 0 || number != mishap_.event) return true;
  if (held_since_ < 0) held_since_ = turns_;
  return turns_ - held_since_ >= mishap_.turns;
}

base::Result<void> Program::run_redis(const redis::Command& command) {
  const base::Error lost{base::ErrorKind::Transient, "the connection broke"};
  if (connection_.is_dead()) return lost;
  const auto what = fate().kind;
  if (what != Fate::Kind::Refused && what != Fate::Kind::RequestLost) world_.redis.execute(command);
  if (what == Fate::Kind::CrashAfter) connection_.crash();
  return what == Fate::Kind::Done ? base::ok() : base::Result<void>(lost);
}

bool Program::turn() {
  ++turns_;
  bool has_read = false;
  for (auto& informer : informers_) has_read |= informer.step();
  watches_.look();
  const bool has_released = releases_.work_once();
  const bool has_reconciled = controller_.work_once();
  return has_read || has_released || has_reconciled;
}

std::optional<base::Monotonic> Program::next_ready() const {
  auto& queue = const_cast<kube::control::Controller&>(controller_).queue();
  return queue.next_ready();
}

}  // namespace cadence::exploration
