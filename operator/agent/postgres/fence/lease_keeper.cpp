#include "agent/postgres/fence/lease_keeper.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "kube/core/resource_version.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::chrono::milliseconds kWatchRetry{250};

std::string now_text() { return base::format_rfc3339_micro(base::system_clock().wall()); }

}  // namespace

LeaseKeeper::LeaseKeeper(LeaseClient& client, const Options& options, Watchdog& watchdog, Hooks hooks)
    : client_(client),
      options_(options),
      watchdog_(watchdog),
      hooks_(std::move(hooks)),
      thread_([this](const std::stop_token& stop) { run(stop); }),
      watch_thread_([this](const std::stop_token& stop) { run_watch(stop); }) {}

LeaseKeeper::~LeaseKeeper() {
  thread_.request_stop();
  watch_thread_.request_stop();
  thread_.join();
  watch_thread_.join();
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
rules::Milliseconds LeaseKeeper::silence() const {
  const std::lock_guard lock(state_);
  return silence_;
}
rules::Milliseconds LeaseKeeper::since_handover() const {
  const std::lock_guard lock(state_);
  return view_ ? base::boot_time() - handed_over_at_ : rules::Milliseconds(0);
}

bool LeaseKeeper::is_ours(const rules::LeaseView& view) const {
  return view.holder == options_.instance && view.holder_uid == options_.pod_uid;
}

void LeaseKeeper::accept(json::Value lease, bool is_current) {
  const auto view = lease.is_null() ? rules::LeaseView{} : rules::view_of(lease);
  bool has_changed = false;
  {
    const std::lock_guard lock(state_);
    if (view_ && view_->is_present && view.is_present) {
      const auto order = kube::core::compare_resource_versions(view.resource_version, view_->resource_version);
      if (order && *order < 0) return;  // a watch that lags behind our own calls
    }
    if (is_holding_ && view.is_present && !is_ours(view)) {
      is_holding_ = false;
      is_lost_ = true;
    }
    const bool is_same_reign = view_ && view_->holder == view.holder && view_->transitions == view.transitions;
    if (!is_same_reign) handed_over_at_ = base::boot_time();
    has_changed = !view_ || !(*view_ == view);
    // Silence is proven by looks that were current; a watch only tells of changes.
    if (is_current || has_changed) silence_ = silence_watch_.see(view, base::boot_time());
    view_ = view;
  }
  lease_ = std::move(lease);
  if (has_changed && hooks_.changed) hooks_.changed();
}

void LeaseKeeper::note(const base::Result<void>& outcome) {
  const std::lock_guard lock(state_);
  auto problem = outcome ? std::string() : outcome.error().message;
  if (problem == problem_) return;
  problem_ = std::move(problem);
  if (problem_.empty()) base::log_info("Reached the Lease again", {{"lease", options_.lease}});
  else base::log_warning("Lost sight of the Lease", {{"lease", options_.lease}, {"error", problem_}});
}

rules::Milliseconds LeaseKeeper::pause_after(bool is_done) const {
  const std::lock_guard lock(state_);
  const auto& renew = options_.timing.renew;
  // After a failed renewal the next try comes sooner: a lost packet must not cost a whole interval.
  if (is_holding_) return is_done ? renew : renew / 4;
  // A renewal is overdue: the end of its time must not be noticed late.
  return silence_ > renew * 5 / 4 ? renew / 8 : renew;
}

void LeaseKeeper::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    tend_endpoints(stop);
    const bool is_done = tick(stop);
    if (!is_done && is_holding() && hooks_.is_promised) {
      const auto sent = base::boot_time();
      if (is_promised()) watchdog_.note_renewal(sent);
    }
    const auto pause = pause_after(is_done);
    std::unique_lock lock(state_);
    wake_.wait_for(lock, stop, pause, [this] { return std::exchange(is_urgent_, false); });
  }
}

// A set that we tried to publish may be stored although its answer was lost, and may still arrive until another write
// of ours did.
bool LeaseKeeper::is_promised() {
  auto known = *view();
  std::vector<rules::SynchronousSet> sets{known.synchronous};
  {
    const std::lock_guard lock(state_);
    sets.insert(sets.end(), unsure_.begin(), unsure_.end());
  }
  return std::all_of(sets.begin(), sets.end(), [&](const rules::SynchronousSet& set) {
    known.synchronous = set;
    return hooks_.is_promised(known);
  });
}

void LeaseKeeper::run_watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto done = client_.watch(
        [this](json::Value lease) {
          const std::lock_guard lock(calls_);
          accept(std::move(lease), false);
        },
        stop);
    // Looks at intervals go on all the while; without a watch everything is only later.
    if (!done) base::wait_for(stop, kWatchRetry);
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
  accept(lease ? std::move(*lease) : json::Value(), true);
  return {};
}

base::Result<void> LeaseKeeper::write(const json::Value& lease, std::stop_token stop) {
  const auto sent = base::boot_time();
  auto written = lease_.is_null() ? client_.create(lease, stop) : client_.replace(lease, stop);
  if (!written) {
    const auto set = rules::view_of(lease).synchronous;
    const std::lock_guard lock(state_);
    const bool is_new =
        !(view_ && view_->synchronous == set) && std::find(unsure_.begin(), unsure_.end(), set) == unsure_.end();
    if (written.error().kind == ErrorKind::Transient && is_new) unsure_.push_back(set);
    return written.error();
  }
  {
    const std::lock_guard lock(state_);
    unsure_.clear();
  }
  const bool is_now_ours = is_ours(rules::view_of(*written));
  accept(std::move(*written), true);
  if (is_now_ours) watchdog_.note_renewal(sent);
  return {};
}

base::Result<void> LeaseKeeper::renew(std::stop_token stop) {
  const auto keep = [](json::Value lease) { return lease; };
  const auto first = write(rules::renewed(lease_, options_.timing, now_text()), stop);
  if (first) return first;
  const auto kind = first.error().kind;
  if (kind != ErrorKind::Conflict && kind != ErrorKind::NotFound) return first;
  return keep_by_force_of_record(stop, keep);
}

// Somebody edited or deleted the Lease, or our own last write happened although its answer was lost.
base::Result<void> LeaseKeeper::keep_by_force_of_record(std::stop_token stop,
                                                        const std::function<json::Value(json::Value)>& change) {
  const auto before = lease_;
  if (const auto fresh = read(stop); !fresh) return fresh;
  if (is_lost())
    return Error{ErrorKind::Conflict, "Lost Lease " + options_.lease + " to '" + rules::view_of(lease_).holder + "'"};
  if (!lease_.is_null()) return write(change(rules::renewed(lease_, options_.timing, now_text())), stop);
  const auto view = rules::view_of(before);
  auto again = rules::claimed(rules::new_lease(options_.namespace_, options_.lease, options_.cluster),
                              {options_.instance, options_.pod_uid, options_.pod_ip}, options_.timing, now_text());
  again["spec"]["leaseTransitions"] = view.transitions;
  // It goes with the cluster: one that is made again while the cluster is being deleted must not stay behind.
  if (const auto& owners = json::at_path(before, {"metadata", "ownerReferences"}); owners.is_array())
    again["metadata"]["ownerReferences"] = owners;
  again = rules::published(rules::described(std::move(again), view.system_identifier, view.timeline), view.synchronous);
  again = rules::reserved(rules::elected_at(std::move(again), view.elected_at), view.reserved_timeline);
  return write(change(std::move(again)), stop);
}

// Whatever happened since the record was judged: it stands, or only we wrote to it.
bool LeaseKeeper::is_still(const rules::LeaseView& seen) const {
  const auto present = lease_.is_null() ? rules::LeaseView{} : rules::view_of(lease_);
  if (present.is_present != seen.is_present) return false;
  if (present.resource_version == seen.resource_version) return true;
  const bool is_same_reign =
      present.holder == seen.holder && present.holder_uid == seen.holder_uid && present.transitions == seen.transitions;
  return is_holding() && is_ours(present) && is_same_reign;
}

base::Result<void> LeaseKeeper::claim(const rules::LeaseView& seen, const std::optional<rules::Promotion>& promotion) {
  const std::lock_guard lock(calls_);
  if (!is_still(seen)) return Error{ErrorKind::Conflict, "the Lease has changed since"};
  auto base = lease_.is_null() ? rules::new_lease(options_.namespace_, options_.lease, options_.cluster) : lease_;
  auto wanted = rules::claimed(std::move(base), {options_.instance, options_.pod_uid, options_.pod_ip}, options_.timing,
                               now_text());
  if (promotion) wanted = rules::elected(std::move(wanted), lease_, *promotion);
  {
    const std::lock_guard state(state_);
    is_lost_ = false;
  }
  const auto written = write(wanted, {});
  if (!written) return written;
  const std::lock_guard state(state_);
  is_holding_ = true;
  return {};
}

base::Result<void> LeaseKeeper::amend(const std::function<json::Value(json::Value)>& change) {
  const std::lock_guard lock(calls_);
  if (!is_holding()) return Error{ErrorKind::Conflict, "The Lease is not ours to describe"};
  const auto first = write(change(rules::renewed(lease_, options_.timing, now_text())), {});
  if (first || (first.error().kind != ErrorKind::Conflict && first.error().kind != ErrorKind::NotFound)) return first;
  return keep_by_force_of_record({}, change);
}

base::Result<void> LeaseKeeper::release(const rules::Release& release, const std::optional<rules::LeaseView>& seen) {
  const std::lock_guard lock(calls_);
  if (seen && !is_still(*seen)) return Error{ErrorKind::Conflict, "the Lease has changed since"};
  {
    const std::lock_guard state(state_);
    // After a restart of this agent the record may name us although this process never claimed it: then only as it was
    // judged.
    if (!is_holding_ && !(seen && view_ && view_->holder == options_.instance)) return {};
    is_holding_ = false;
    must_point_ = false;
  }
  const auto before = rules::view_of(lease_);
  const auto first = write(rules::released(lease_, release, now_text()), {});
  if (first || first.error().kind != ErrorKind::Conflict) return first;
  if (const auto fresh = read({}); !fresh) return fresh;
  // Another pod of our name may have claimed meanwhile: that reign is not ours to end.
  const auto now = rules::view_of(lease_);
  if (now.holder != options_.instance || now.holder_uid != before.holder_uid || now.transitions != before.transitions)
    return {};
  return write(rules::released(lease_, release, now_text()), {});
}

void LeaseKeeper::point_endpoints_here() {
  if (options_.endpoints.empty() || options_.pod_ip.empty()) return;
  const std::lock_guard lock(state_);
  must_point_ = is_urgent_ = true;
  wake_.notify_all();
}

void LeaseKeeper::tend_endpoints(std::stop_token stop) {
  {
    const std::lock_guard lock(state_);
    if (!must_point_ || !is_holding_) return;
  }
  const auto done = client_.point_endpoints(options_.pod_ip, stop);
  if (!done) {
    base::log_warning("Could not lead clients here",
                      {{"endpointSlice", options_.endpoints}, {"error", done.error().message}});
    return;
  }
  base::log_info("Led clients here", {{"endpointSlice", options_.endpoints}, {"address", options_.pod_ip}});
  const std::lock_guard lock(state_);
  must_point_ = false;
}

base::Result<void> LeaseKeeper::describe(const std::string& system_identifier, std::int64_t timeline,
                                         const std::optional<rules::Failover>& story) {
  return amend([&](json::Value lease) {
    lease = rules::described(std::move(lease), system_identifier, timeline);
    return story ? rules::told(std::move(lease), *story) : lease;
  });
}

base::Result<void> LeaseKeeper::publish(const rules::SynchronousSet& set) {
  return amend([&](json::Value lease) { return rules::published(std::move(lease), set); });
}

base::Result<void> LeaseKeeper::measure(const std::string& unacknowledged, const std::string& settings) {
  return amend([&](json::Value lease) { return rules::measured(std::move(lease), unacknowledged, settings); });
}

}  // namespace cadence::agent::postgres
