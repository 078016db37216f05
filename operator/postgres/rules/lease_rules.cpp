#include "postgres/rules/lease_rules.hpp"

#include <algorithm>

namespace cadence::postgres {

base::Result<LeaseTiming> make_lease_timing(Milliseconds duration, Milliseconds renew) {
  const auto text = [](Milliseconds value) { return std::to_string(value.count()) + " ms"; };
  LeaseTiming out;
  out.duration = duration;
  out.renew = renew;
  out.request_timeout = renew * 3 / 4;
  // 7/9 and 5/7 give 9 s, 7 s, 5 s; short leases give up a part of the margin before they break the second inequality.
  out.hard = std::min(duration * 7 / 9, (duration - Milliseconds(1000)) * 10 / 11);
  out.soft = out.hard * 5 / 7;
  if (renew < Milliseconds(100))
    return base::Error{base::ErrorKind::Invalid, "lease renew must be at least 100 ms, not " + text(renew)};
  if (out.hard * 11 / 10 + Milliseconds(1000) > duration || out.soft >= out.hard ||
      renew + out.request_timeout >= out.soft) {
    return base::Error{base::ErrorKind::Invalid, "lease duration " + text(duration) + " is too short for renew " +
                                                     text(renew) +
                                                     ": duration must be at least 4 s and four times renew"};
  }
  return out;
}

Fence judge_fence(Milliseconds silence, const LeaseTiming& timing) {
  if (silence >= timing.hard) return Fence::KillAll;
  return silence >= timing.soft ? Fence::StopPostgres : Fence::Run;
}

bool LeaseView::is_fenced(const std::string& instance) const {
  return std::find(fenced.begin(), fenced.end(), instance) != fenced.end();
}

Milliseconds SilenceWatch::see(const LeaseView& view, Milliseconds now) {
  const bool is_same = has_seen_ && was_present_ == view.is_present && resource_version_ == view.resource_version;
  if (!is_same) {
    has_seen_ = true;
    was_present_ = view.is_present;
    resource_version_ = view.resource_version;
    since_ = now;
  }
  return now - since_;
}

}  // namespace cadence::postgres
