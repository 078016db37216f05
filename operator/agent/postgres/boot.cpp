#include "agent/postgres/agent.hpp"
#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::milliseconds kRetry{1000};

template <class... Cases>
struct Match : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Match(Cases...) -> Match<Cases...>;

}  // namespace

int Agent::run() {
  base::log_info("Started", {{"instance", options_.instance}, {"lease", options_.lease}, {"data", options_.data_directory}});
  const int code = boot();
  children_.kill_rest(std::chrono::seconds(10));
  base::log_info("Ended", {{"instance", options_.instance}, {"exitCode", code}});
  return code;
}

// Everything that can go wrong before the server runs is tried again; the world is read anew each time.
int Agent::boot() {
  while (!children_.is_stop_requested()) {
    const auto known = facts();
    if (!known) {
      pause(known.error().message);
      continue;
    }
    if (const auto code = carry_out(rules::decide_boot(*known))) return *code;
  }
  // Held since initdb or a claim, with no server running: free for whoever has the data.
  static_cast<void>(keeper_.release());
  return 0;
}

base::Result<rules::BootFacts> Agent::facts() {
  if (auto prepared = files_.prepare(); !prepared) return prepared.error();
  if (auto fresh = files_.refresh(); !fresh) return fresh.error();
  if (auto locked = volume_.lock(); !locked) return locked.error();
  const auto lease = keeper_.view();
  if (!lease) {
    const auto problem = keeper_.last_problem();
    return Error{ErrorKind::Transient, problem.empty() ? "waiting for a first look at the Lease" : problem};
  }
  if (program_version_ == 0) {
    const auto version = volume_.program_version();
    if (!version) return version.error();
    program_version_ = *version;
  }
  const auto data = volume_.inspect();
  if (!data) return data.error();
  return rules::BootFacts{options_.instance, options_.pod_uid, options_.may_initialize, program_version_, *data, *lease};
}

std::optional<int> Agent::carry_out(const rules::BootDecision& decision) {
  const auto text = rules::to_string(decision);
  if (text != said_) base::log_info("Decided", {{"decision", text}});
  said_ = text;
  const auto attempt = [this](const base::Result<void>& outcome) -> std::optional<int> {
    if (!outcome) pause(outcome.error().message);
    return std::nullopt;
  };
  const auto serve = [this](bool is_primary) -> std::optional<int> {
    if (const auto started = start_server(is_primary); !started) {
      pause(started.error().message);
      return std::nullopt;
    }
    return supervise(is_primary);
  };
  return std::visit(Match{[&](const rules::Initialize&) { return attempt(initialise()); },
                          [&](const rules::Clone& d) { return attempt(clone(d.from)); },
                          [&](const rules::WaitForPrimary& d) { return attempt(Error{ErrorKind::Transient, d.why}); },
                          [&](const rules::Refuse& d) { return attempt(Error{ErrorKind::Invalid, d.why}); },
                          [&](const rules::Follow& d) {
                            files_.act_as_primary(false);
                            files_.follow(d.primary);
                            followed_ = d.primary;
                            return serve(false);
                          },
                          [&](const rules::ResumeAsPrimary& d) {
                            if (const auto done = become_primary(d.must_watch_first); !done) return attempt(done);
                            return serve(true);
                          }},
                    decision);
}

base::Result<void> Agent::initialise() {
  show("starting", "initialising a new database");
  // The claim first: were there two of us, only one would initialise.
  if (auto claimed = keeper_.claim(); !claimed) return claimed.error().with_context("Could not claim the Lease");
  return volume_.initialise(files_, [this] { refresh_report(); });
}

base::Result<void> Agent::clone(const std::string& from) {
  show("starting", "copying the database from " + from);
  const auto view = keeper_.view();
  return volume_.clone(files_, from, view ? view->system_identifier : "", [this] { refresh_report(); });
}

base::Result<void> Agent::become_primary(bool must_watch_first) {
  if (must_watch_first && !keeper_.is_holding() && !keeper_.was_silent()) {
    return Error{ErrorKind::Transient, "watching the Lease for " + std::to_string(options_.timing.duration.count()) +
                                           " ms: an earlier holder may still run"};
  }
  if (auto claimed = keeper_.claim(); !claimed) return claimed.error().with_context("Could not claim the Lease");
  files_.act_as_primary(true);
  return {};
}

void Agent::pause(std::string message) {
  show("starting", std::move(message));
  children_.wait(kRetry);
}

}  // namespace cadence::agent::postgres
