#include "kube/control/leader_election.hpp"

#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

std::int64_t nanoseconds(base::Monotonic time) { return std::chrono::nanoseconds(time.time_since_epoch()).count(); }

}  // namespace

LeaderElector::LeaderElector(LeasePort& port, ElectionOptions options, const base::Clock& clock) : port_(port), options_(std::move(options)), clock_(clock) {}

bool LeaderElector::is_leader() const { return nanoseconds(clock_.monotonic()) < leads_until_.load(); }

void LeaderElector::remember(const types::Lease& lease) {
  const auto record = json::dump(json::encode(lease.spec));
  if (record != seen_record_) {
    seen_record_ = record;
    seen_changed_at_ = clock_.monotonic();
  }
  seen_ = lease;
}

types::Lease LeaderElector::claim(const types::Lease& seen) const {
  auto lease = seen;
  const auto now = base::format_rfc3339_micro(clock_.wall());
  const bool is_ours = seen.spec.holder_identity.value_or("") == options_.identity;
  lease.metadata.name = options_.lease.name;
  lease.metadata.namespace_ = options_.lease.namespace_;
  if (!is_ours) {
    lease.spec.acquire_time = now;
    lease.spec.lease_transitions = seen.metadata.uid.empty() ? 0 : seen.spec.lease_transitions.value_or(0) + 1;
  }
  lease.spec.holder_identity = options_.identity;
  lease.spec.lease_duration_seconds = static_cast<std::int32_t>(options_.duration / std::chrono::seconds(1));
  lease.spec.renew_time = now;
  return lease;
}

base::Result<void> LeaderElector::renew_fast() {
  auto written = port_.replace(claim(seen_));
  if (!written) return written.error();
  remember(*written);
  return {};
}

base::Result<void> LeaderElector::acquire_slow() {
  auto found = port_.get();
  if (!found && found.error().kind == base::ErrorKind::NotFound) {
    auto made = port_.create(claim({}));
    if (!made) return made.error();
    remember(*made);
    return {};
  }
  if (!found) return found.error();
  remember(*found);
  const auto holder = found->spec.holder_identity.value_or("");
  const auto theirs = std::chrono::seconds(found->spec.lease_duration_seconds.value_or(0));
  if (!holder.empty() && holder != options_.identity && clock_.monotonic() < seen_changed_at_ + theirs) {
    return base::Error{base::ErrorKind::Conflict, "The Lease is held by " + holder};
  }
  auto written = port_.replace(claim(*found));
  if (!written) return written.error();
  remember(*written);
  return {};
}

bool LeaderElector::step() {
  // Counted from before the call: an answer that took long is worth that much less.
  const auto began = clock_.monotonic();
  auto done = is_leader() ? renew_fast() : acquire_slow();
  if (!done && is_leader()) {
    ++slow_path_;
    done = acquire_slow();
  }
  if (done) leads_until_ = nanoseconds(began + options_.renew_deadline - options_.stop_margin);
  return is_leader();
}

void LeaderElector::release() {
  if (seen_.spec.holder_identity.value_or("") != options_.identity) return;
  leads_until_ = 0;
  auto lease = seen_;
  lease.spec.holder_identity = "";
  lease.spec.lease_duration_seconds = 1;
  lease.spec.renew_time = base::format_rfc3339_micro(clock_.wall());
  auto written = port_.replace(lease);
  if (!written && written.error().kind == base::ErrorKind::Conflict) {
    if (const auto found = port_.get(); found && found->spec.holder_identity.value_or("") == options_.identity) {
      lease.metadata.resource_version = found->metadata.resource_version;
      written = port_.replace(lease);
    }
  }
  if (!written) base::log_warning("Could not release the Lease", {{"error", written.error().message}});
  seen_.spec.holder_identity = "";
}

bool LeaderElector::run(std::stop_token stop, const std::function<void()>& on_started) {
  base::log_info("Started to stand for election", {{"lease", options_.lease.to_string()}, {"identity", options_.identity}});
  bool has_led = false;
  while (!stop.stop_requested()) {
    const bool leads = step();
    if (leads && !has_led) {
      has_led = true;
      base::log_info("Became the leader", {{"identity", options_.identity}});
      on_started();
    }
    if (has_led && !leads) return false;
    base::wait_for(stop, options_.retry);
  }
  return true;
}

}  // namespace cadence::kube::control
