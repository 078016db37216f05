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
    if (!problem.empty() && problem != last_problem) base::log_warning("Could not bring HAProxy up to date", {{"error", problem}});
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
  if (!slots) return slots.error();
  if (auto done = follow_certificate(); !done) return done;
  if (auto done = follow_endpoints(*slots); !done) return done;
  return follow_configuration(*slots);
}

base::Result<void> Follower::follow_endpoints(std::vector<Slot>& slots) {
  const auto endpoints = sources_.endpoints();
  if (!endpoints) return {};
  const auto plan = plan_slots(slots, *endpoints, kBackend);
  if (!plan.commands.empty()) {
    if (auto sent = haproxy_.send(plan.commands); !sent) return sent;
    base::log_info("Changed the servers of HAProxy", {{"commands", plan.commands.size()}, {"endpoints", endpoints->size()}});
  }
  slots = plan.after;
  if (plan.unplaced > 0) {
    return base::Error{base::ErrorKind::Invalid, std::to_string(plan.unplaced) + " webhook servers have no slot in HAProxy: a new configuration with more slots is needed"};
  }
  return {};
}

base::Result<void> Follower::follow_certificate() {
  auto certificate = read_file(sources_.certificate_folder + "/tls.crt");
  auto key = read_file(sources_.certificate_folder + "/tls.key");
  if (!certificate) return certificate.error();
  if (!key) return key.error();
  const auto pem = join_pem(*certificate, *key);
  if (pem_.empty()) pem_ = pem;  // --prepare wrote it before HAProxy started
  if (pem == pem_) return {};
  if (auto done = haproxy_.renew_certificate(pem); !done) return done;
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
