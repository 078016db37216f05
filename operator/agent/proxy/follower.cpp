#include "agent/proxy/follower.hpp"

#include "base/log.hpp"
#include "base/memory.hpp"

namespace cadence::agent::proxy {
namespace {

// How soon a restarted HAProxy, a renewed certificate file or a changed configuration file is noticed.
constexpr std::chrono::milliseconds kTurn{1000};

}  // namespace

void Follower::run(std::stop_token stop) {
  std::string last_problem;
  while (!stop.stop_requested()) {
    const auto done = step();
    const auto problem = done ? std::string() : done.error().message;
    if (!problem.empty() && problem != last_problem)
      base::log_warning("Could not bring HAProxy up to date", {{"error", problem}});
    if (problem.empty() && !last_problem.empty()) base::log_info("Brought HAProxy up to date again");
    last_problem = problem;
    if (problem.empty() && !is_trimmed_) {
      base::drop_startup_pages();
      is_trimmed_ = true;
    }
    sources_.wait_for_change(stop, kTurn);
  }
}

base::Result<void> Follower::step() {
  auto slots = haproxy_.slots();
  if (!slots) {
    if (auto done = prepare_next_start(); !done) return done;
    return slots.error();
  }
  const auto certificate = follow_certificate();
  if (auto done = follow_endpoints(*slots); !done) return done;
  if (auto done = follow_configuration(*slots); !done) return done;
  return certificate;
}

// It may be down because of what it was given: then a good one must reach its next start without its help.
base::Result<void> Follower::prepare_next_start() {
  const auto configuration = read_file(sources_.configuration_file);
  const auto pair = read_pair(sources_.certificate_folder);
  if (!configuration) return configuration.error();
  if (!pair) return pair.error();
  if (configuration_.empty()) configuration_ = haproxy_.file("haproxy.cfg");
  const auto pem = join_pem(pair->certificate_pem, pair->key_pem);
  if (*configuration == configuration_ && pem == haproxy_.file("tls.pem")) return {};
  if (*configuration == refused_configuration_ && pem == refused_pem_) return {};
  if (auto done = haproxy_.prepare(*configuration, *pair); !done) {
    refused_configuration_ = *configuration;
    refused_pem_ = pem;
    return done;
  }
  configuration_ = *configuration;
  pem_ = "";  // it may have read either file: it is told again as soon as it answers
  remembered_.clear();
  base::log_info("Wrote a changed certificate or configuration for HAProxy's next start");
  return {};
}

base::Result<void> Follower::follow_endpoints(std::vector<Slot>& slots) {
  const auto endpoints = sources_.endpoints();
  if (!endpoints) return {};
  const auto plan = plan_slots(slots, *endpoints, kBackend);
  if (!plan.commands.empty()) {
    if (auto sent = haproxy_.send(plan.commands); !sent) return sent;
    base::log_info("Changed the servers of HAProxy",
                   {{"commands", plan.commands.size()}, {"endpoints", endpoints->size()}});
  }
  slots = plan.after;
  if (plan.unplaced > 0) {
    return base::Error{base::ErrorKind::Invalid,
                       std::to_string(plan.unplaced) +
                           " webhook servers have no slot in HAProxy: a new configuration with more slots is needed"};
  }
  return {};
}

base::Result<void> Follower::follow_certificate() {
  const auto pair = read_pair(sources_.certificate_folder);
  if (!pair) return pair.error();
  const auto pem = join_pem(pair->certificate_pem, pair->key_pem);
  if (!pem_) pem_ = haproxy_.file("tls.pem");  // --prepare wrote it before HAProxy started
  if (pem == *pem_) return {};
  if (pem == refused_pem_) return pem_refusal_;
  if (auto done = haproxy_.renew_certificate(pem); !done) {
    refused_pem_ = pem;
    pem_refusal_ = done.error();
    return done;
  }
  pem_ = pem;
  base::log_info("Renewed the certificate of HAProxy without a reload");
  return {};
}

base::Result<void> Follower::follow_configuration(const std::vector<Slot>& slots) {
  auto configuration = read_file(sources_.configuration_file);
  if (!configuration) return configuration.error();
  if (configuration_.empty()) configuration_ = *configuration;
  if (*configuration != configuration_ && *configuration != refused_configuration_) {
    const auto done = haproxy_.reload(*configuration, slots);
    if (!done && done.error().kind == base::ErrorKind::Invalid) refused_configuration_ = *configuration;
    if (!done) return done;
    configuration_ = *configuration;
    remembered_ = slots;
    base::log_info("Reloaded HAProxy with a new configuration");
  }
  if (slots != remembered_) {
    if (auto done = haproxy_.remember(configuration_, slots); !done) return done;
    remembered_ = slots;
  }
  return {};
}

}  // namespace cadence::agent::proxy
