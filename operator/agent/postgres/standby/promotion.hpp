// From a won election to a primary: the claim, the promotion, and the story of both for the Lease. Promises: the claim
// succeeds on the record that was judged only; the server is asked to promote itself only while the Lease is ours and
// fresh; it counts as primary only when it was seen to be one, so that a promotion that was given up leaves no end of
// the log behind, and gives the Lease back as it was.
#pragma once

#include "agent/postgres/server/server.hpp"

namespace cadence::agent::postgres {

std::int64_t milliseconds_between(base::Monotonic from, base::Monotonic to);

class Promotion {
 public:
  // `tick`: while the promotion is waited for.
  Promotion(const World& world, Situation& situation, Display& display, Server& server, Tick tick);

  std::optional<Ending> take_over(const rules::LeaseView& view, const std::string& why);

 private:
  base::Result<void> claim(const rules::LeaseView& view);
  bool promote();
  bool await();
  void tell(const rules::LeaseView& view, Campaign& campaign);

  const World& world_;
  Situation& situation_;
  Display& display_;
  Server& server_;
  Tick tick_;
};

}  // namespace cadence::agent::postgres
