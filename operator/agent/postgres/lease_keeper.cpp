#include "agent/postgres/lease_keeper.hpp"

#include "base/clock.hpp"
#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

std::string now_text() { return base::format_rfc3339_micro(base::system_clock().wall()); }

}  // namespace

LeaseKeeper::LeaseKeeper(LeaseClient& client, const Options& options, Watchdog& watchdog)
    : client_(client), options_(options), watchdog_(watchdog), thread_([this](const std::stop_token& stop) { run(stop); }) {}

LeaseKeeper::~LeaseKeeper() {
  thread_.request_stop();
  thread_.join();
}

std::optional<rules::LeaseView> LeaseKeeper::view() const {
  const std::lock_guard lock(state_);
  return view_;
}
std::string LeaseKeeper::last_problem() const {
  const std::lock_guard lock(state_);
  return problem_;
}
bool LeaseKeeper::is_holding() const {
  const std::lock_guard lock(state_);
  return is_holding_;
}
bool LeaseKeeper::is_lost() const {
  const std::lock_guard lock(state_);
  return is_lost_;
}
bool LeaseKeeper::was_silent() const {
  const std::lock_guard lock(state_);
  return was_silent_;
}

bool LeaseKeeper::is_ours(const rules::LeaseView& view) const {
  return view.holder == options_.instance && view.holder_uid == options_.pod_uid;
}

void LeaseKeeper::accept(json::Value lease) {
  lease_ = std::move(lease);
  const auto view = lease_.is_null() ? rules::LeaseView{} : rules::view_of(lease_);
  const std::lock_guard lock(state_);
  if (is_holding_ && view.is_present && !is_ours(view)) {
    is_holding_ = false;
    is_lost_ = true;
  }
  was_silent_ = silence_.see(view, boot_time(), options_.timing.duration);
  view_ = view;
}

void LeaseKeeper::note(const base::Result<void>& outcome) {
  const std::lock_guard lock(state_);
  auto problem = outcome ? std::string() : outcome.error().message;
  if (problem == problem_) return;
  problem_ = std::move(problem);
  if (problem_.empty()) base::log_info("Reached the Lease again", {{"lease", options_.lease}});
  else base::log_warning("Lost sight of the Lease", {{"lease", options_.lease}, {"error", problem_}});
}

void LeaseKeeper::run(const std::stop_token& stop) {
  std::mutex pause;
  while (!stop.stop_requested()) {
    const bool is_done = tick(stop);
    // After a failed renewal the next try comes sooner: a lost packet must not cost a whole interval.
    const auto wait = is_done || !is_holding() ? options_.timing.renew : options_.timing.renew / 4;
    std::unique_lock lock(pause);
    wake_.wait_for(lock, stop, wait, [] { return false; });
  }
}

bool LeaseKeeper::tick(std::stop_token stop) {
  const std::lock_guard lock(calls_);
  const auto outcome = is_holding() ? renew(stop) : read(stop);
  if (!stop.stop_requested()) note(outcome);
  return outcome.is_ok();
}

base::Result<void> LeaseKeeper::read(std::stop_token stop) {
  auto lease = client_.read(stop);
  if (!lease && lease.error().kind != ErrorKind::NotFound) return lease.error();
  accept(lease ? std::move(*lease) : json::Value());
  return {};
}

base::Result<void> LeaseKeeper::write(const json::Value& lease, std::stop_token stop) {
  const auto sent = boot_time();
  auto written = lease_.is_null() ? client_.create(lease, stop) : client_.replace(lease, stop);
  if (!written) return written.error();
  accept(std::move(*written));
  if (is_ours(rules::view_of(lease_))) watchdog_.note_renewal(sent);
  return {};
}

base::Result<void> LeaseKeeper::renew(std::stop_token stop) {
  const auto first = write(rules::renewed(lease_, options_.timing, now_text()), stop);
  if (first) return first;
  const auto kind = first.error().kind;
  if (kind != ErrorKind::Conflict && kind != ErrorKind::NotFound) return first;
  return keep_by_force_of_record(stop);
}

// Somebody edited or deleted the Lease, or our own last write happened although its answer was lost.
base::Result<void> LeaseKeeper::keep_by_force_of_record(std::stop_token stop) {
  const auto before = lease_;
  if (const auto fresh = read(stop); !fresh) return fresh;
  if (is_lost()) return Error{ErrorKind::Conflict, "Lost Lease " + options_.lease + " to '" + rules::view_of(lease_).holder + "'"};
  if (!lease_.is_null()) return write(rules::renewed(lease_, options_.timing, now_text()), stop);
  const auto view = rules::view_of(before);
  auto again = rules::claimed(rules::new_lease(options_.namespace_, options_.lease, options_.cluster), {options_.instance, options_.pod_uid},
                              options_.timing, now_text());
  again["spec"]["leaseTransitions"] = view.transitions;
  return write(rules::described(std::move(again), view.system_identifier, view.timeline), stop);
}

base::Result<void> LeaseKeeper::claim() {
  const std::lock_guard lock(calls_);
  const rules::Holder self{options_.instance, options_.pod_uid};
  auto base = lease_.is_null() ? rules::new_lease(options_.namespace_, options_.lease, options_.cluster) : lease_;
  const auto written = write(rules::claimed(std::move(base), self, options_.timing, now_text()), {});
  if (!written) return written;
  const std::lock_guard state(state_);
  is_holding_ = true;
  is_lost_ = false;
  return {};
}

base::Result<void> LeaseKeeper::describe(const std::string& system_identifier, std::int64_t timeline) {
  const std::lock_guard lock(calls_);
  if (!is_holding()) return Error{ErrorKind::Conflict, "The Lease is not ours to describe"};
  return write(rules::described(rules::renewed(lease_, options_.timing, now_text()), system_identifier, timeline), {});
}

base::Result<void> LeaseKeeper::release() {
  const std::lock_guard lock(calls_);
  {
    const std::lock_guard state(state_);
    if (!is_holding_) return {};
    is_holding_ = false;
  }
  return write(rules::released(lease_, now_text()), {});
}

}  // namespace cadence::agent::postgres
