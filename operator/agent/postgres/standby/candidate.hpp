// The election as a standby runs it, and its vote in those of others. Promises: a claim rests on the record that was
// judged; whoever votes or stands has let go of its primary first, and tells only an end of its log that was read to
// it; a suspicion that is over ends the election; who is named as holder and was not elected gives the Lease back. Does
// not promote: promotion.hpp does.
#pragma once

#include "agent/postgres/server/server.hpp"
#include "agent/postgres/standby/promotion.hpp"

namespace cadence::agent::postgres {

class Candidate {
 public:
  Candidate(const World& world, Situation& situation, Display& display, Server& server, Promotion& promotion);

  // One round of it; an ending where a promotion was given up.
  std::optional<Ending> consider(const rules::LeaseView& view);
  // Peers that ask us to let go of our primary.
  void answer_calls();

 private:
  rules::SuspicionFacts suspicion_facts(const rules::LeaseView& view);
  void disown(const rules::LeaseView& view);
  std::optional<Ending> campaign(const rules::LeaseView& view);
  bool let_go(Campaign& campaign);
  bool begin_round(Campaign& campaign, const rules::LeaseView& view);
  void wait_for_others(Campaign& campaign, const rules::ElectionDecision& decision);
  rules::MemberReport disarm(const std::string& record);
  bool stop_wal_receiver();
  base::Result<rules::MemberReport> whole_log_end();

  const World& world_;
  Situation& situation_;
  Display& display_;
  Server& server_;
  Promotion& promotion_;
  int refusals_ = 0;
  base::Monotonic reached_{};
};

}  // namespace cadence::agent::postgres
