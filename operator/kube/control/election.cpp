#include "kube/control/election.hpp"

#include <unistd.h>

#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::kube::control {
namespace {

std::int64_t nanoseconds(base::Monotonic time) { return std::chrono::nanoseconds(time.time_since_epoch()).count(); }

std::string holder_of(const types::Lease& lease) { return lease.spec.holder_identity.value_or(""); }

}  // namespace

base::Result<void> validate(const ElectionOptions& options) {
  const auto invalid = [](const char* rule) {
    return base::Error{base::ErrorKind::Invalid, std::string("Leader election: ") + rule};
  };
  if (options.lease.name.empty() || options.identity.empty()) return invalid("the Lease and the identity need names");
  if (options.duration <= options.renew_deadline) return invalid("the duration must be longer than the renew deadline");
  if (options.renew_deadline * 10 <= options.retry * 12)
    return invalid("the renew deadline must be longer than 1.2 retries");
  if (options.stop_margin >= options.renew_deadline)
    return invalid("the stop margin must be shorter than the renew deadline");
  return base::ok();
}

std::string make_identity() {
  char name[256] = "unknown";
  gethostname(name, sizeof name - 1);
  return std::string(name) + "_" + base::random_uuid();
}

Election::Election(ElectionOptions options, LeaseClient& leases, Registry& registry, const base::Clock& clock)
    : options_(std::move(options)),
      leases_(leases),
      clock_(clock),
      status_(registry.gauge("leader_election_master_status", "Whether this process leads: 1 yes, 0 no",
                             {{"name", options_.lease.name}})),
      slow_paths_(registry.counter("leader_election_slowpath_total", "Renewals that needed more than one call",
                                   {{"name", options_.lease.name}})) {}

std::int64_t Election::nanoseconds_left() const { return leads_until_.load() - nanoseconds(clock_.monotonic()); }

void Election::lead_until(std::int64_t monotonic_nanoseconds) {
  leads_until_ = monotonic_nanoseconds;
  status_.set(may_write() ? 1 : 0);
}

void Election::remember(const types::Lease& lease) {
  const auto record = json::dump(json::encode(lease.spec));
  if (record != seen_record_) {
    seen_record_ = record;
    seen_changed_at_ = clock_.monotonic();
  }
  seen_ = lease;
}

types::Lease Election::claim(const types::Lease& seen) const {
  auto lease = seen;
  const auto now = base::format_rfc3339_micro(clock_.wall());
  lease.metadata.name = options_.lease.name;
  lease.metadata.namespace_ = options_.lease.namespace_;
  if (holder_of(seen) != options_.identity) {
    lease.spec.acquire_time = now;
    lease.spec.lease_transitions = seen.metadata.uid.empty() ? 0 : seen.spec.lease_transitions.value_or(0) + 1;
  }
  lease.spec.holder_identity = options_.identity;
  lease.spec.lease_duration_seconds = static_cast<std::int32_t>(options_.duration / std::chrono::seconds(1));
  lease.spec.renew_time = now;
  return lease;
}

base::Result<void> Election::keep(base::Result<types::Lease> written) {
  if (!written) return written.error();
  remember(*written);
  return base::ok();
}

base::Result<void> Election::renew_fast(std::stop_token stop) { return keep(leases_.replace(claim(seen_), stop)); }

base::Result<void> Election::acquire_slow(std::stop_token stop) {
  auto found = leases_.get(options_.lease, stop);
  if (!found && found.error().kind == base::ErrorKind::NotFound) return keep(leases_.create(claim({}), stop));
  if (!found) return found.error();
  remember(*found);
  const auto holder = holder_of(*found);
  if (!holder.empty() && holder != options_.identity) {
    lead_until(0);  // whatever we believed: another one leads
    const auto theirs = std::chrono::seconds(found->spec.lease_duration_seconds.value_or(0));
    if (clock_.monotonic() < seen_changed_at_ + theirs)
      return base::Error{base::ErrorKind::Conflict, "The Lease is held by " + holder};
  }
  return keep(leases_.replace(claim(*found), stop));
}

bool Election::try_once(std::stop_token stop) {
  // Counted from before the call: an answer that took long is worth that much less.
  auto began = clock_.monotonic();
  const bool was_leader = may_write();
  auto done = was_leader ? renew_fast(stop) : acquire_slow(stop);
  if (!done && was_leader) {
    slow_paths_.add();
    began = clock_.monotonic();
    done = acquire_slow(stop);
  }
  lead_until(done ? nanoseconds(began + options_.renew_deadline - options_.stop_margin) : leads_until_.load());
  if (!done)
    base::log_debug("Did not get the Lease", {{"lease", options_.lease.to_string()}, {"error", done.error().message}});
  return may_write();
}

void Election::release(std::stop_token stop) {
  lead_until(0);
  // Conflict: a renewal whose answer was lost has moved the version.
  for (int attempt = 0; attempt < 3 && holder_of(seen_) == options_.identity; ++attempt) {
    auto lease = seen_;
    lease.spec.holder_identity = "";
    lease.spec.lease_duration_seconds = 1;
    lease.spec.renew_time = base::format_rfc3339_micro(clock_.wall());
    if (keep(leases_.replace(lease, stop)))
      return base::log_info("Gave the Lease back", {{"lease", options_.lease.to_string()}});
    static_cast<void>(keep(leases_.get(options_.lease, stop)));
  }
}

}  // namespace cadence::kube::control
