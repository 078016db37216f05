#include "agent/proxy/command.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "agent/proxy/follower.hpp"
#include "base/log.hpp"
#include "base/memory.hpp"
#include "kube/cache/informer.hpp"
#include "kube/cache/store.hpp"
#include "kube/types/discovery.hpp"

namespace cadence::agent::proxy {
namespace {

struct Options {
  std::string namespace_, service, configuration, certificate, run_folder;
  bool is_preparing = false;
};

using Slices = kube::cache::Store<kube::types::EndpointSlice>;

// Wakes the follower when a slice changed.
class Bell {
 public:
  void ring() {
    const std::lock_guard lock(mutex_);
    has_rung_ = true;
    changed_.notify_all();
  }
  void wait(std::stop_token stop, std::chrono::milliseconds bound) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, bound, [&] { return has_rung_; });
    has_rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool has_rung_ = false;
};

std::optional<std::vector<Endpoint>> endpoints_in(const Slices& slices, const std::string& namespace_) {
  if (!slices.is_synced()) return std::nullopt;
  std::vector<Endpoint> out;
  for (const auto& slice : slices.list(namespace_)) {
    if (slice->ports.empty() || !slice->ports.front().port) continue;
    for (const auto& endpoint : slice->endpoints) {
      // Absent conditions count as true (EndpointSlice API); a terminating pod is drained while it still serves.
      const bool is_going = endpoint.conditions.terminating.value_or(false);
      const bool serves = endpoint.conditions.serving.value_or(endpoint.conditions.ready.value_or(true));
      if (!is_going && !endpoint.conditions.ready.value_or(true)) continue;
      if (is_going && !serves) continue;
      for (const auto& address : endpoint.addresses) out.push_back({address, *slice->ports.front().port, is_going});
    }
  }
  return out;
}

base::Result<void> prepare_once(const Options& options) {
  auto configuration = read_file(options.configuration);
  if (!configuration) return configuration.error();
  auto pair = read_pair(options.certificate);
  if (!pair) return pair.error();
  return HaProxy(options.run_folder).prepare(*configuration, *pair);
}

// A mount that cannot be used is looked at again here for a while: the kubelet's own pauses grow to five minutes.
int prepare(const Options& options, const sigset_t& stop_signals) {
  constexpr std::chrono::minutes kPatience{5};
  constexpr timespec kPause{1, 0};
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (std::string last;;) {
    const auto done = prepare_once(options);
    if (done) return 0;
    if (done.error().message != last) base::log_error("Could not prepare HAProxy", {{"error", done.error().message}});
    last = done.error().message;
    if (std::chrono::steady_clock::now() > end || sigtimedwait(&stop_signals, nullptr, &kPause) > 0) return 1;
  }
}

int follow(const Options& options, std::stop_token stop) {
  auto config = kube::client::discover();
  if (!config) {
    base::log_error("Could not find the API server", {{"error", config.error().message}});
    return 1;
  }
  const auto origin = kube::client::origin_of(*config);
  const auto streams = net::make_beast_stream_opener(origin);
  kube::client::Client lists(net::make_beast_transport(origin), *config,
                             {.user_agent = kube::client::user_agent("cadence-agent"), .may_write = {}, .observe = {}});
  Slices slices;
  Bell bell;
  slices.subscribe([&](const auto&, const auto&) { bell.ring(); });
  const auto label = std::string(kube::types::kServiceNameLabel) + "=" + options.service;
  kube::cache::Informer informer(kube::types::EndpointSlice::kind_info(), {options.namespace_, label, ""},
                                 {*config, *streams, lists}, slices);
  informer.start();
  HaProxy haproxy(options.run_folder);
  Follower follower(
      haproxy, {options.configuration, options.certificate, [&] { return endpoints_in(slices, options.namespace_); },
                [&](std::stop_token token, std::chrono::milliseconds bound) { bell.wait(token, bound); }});
  follower.run(stop);
  return 0;
}

int run(const Options& options) {
  base::set_up_memory();
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);                   // the image's stop signal, HAProxy's soft stop
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread, so that all inherit it
  if (options.is_preparing) return prepare(options, signals);
  std::stop_source stop;
  std::jthread waiter([&](std::stop_token ended) {
    const timespec turn{0, 200'000'000};
    while (!ended.stop_requested() && sigtimedwait(&signals, nullptr, &turn) < 0) {
    }
    stop.request_stop();
  });
  return follow(options, stop.get_token());
}

}  // namespace

void add_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("proxy", "Keeps HAProxy's servers, certificate and configuration up to date");
  command->add_option("--namespace", options->namespace_, "Namespace of the Service")->required();
  command->add_option("--service", options->service, "Service whose endpoints HAProxy serves")->required();
  command->add_option("--config", options->configuration, "haproxy.cfg as the operator wrote it")->required();
  command->add_option("--certificate", options->certificate, "Folder with tls.crt and tls.key")->required();
  command->add_option("--run", options->run_folder, "Folder shared with HAProxy")->required();
  command->add_flag("--prepare", options->is_preparing, "Write the files for HAProxy's first start and end");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace cadence::agent::proxy
