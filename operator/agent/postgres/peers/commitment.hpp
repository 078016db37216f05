// What this standby has bound itself to: to stay with its primary for a while (a promise), or to have let go of it
// (disarmed). Promises: never both; being disarmed survives a crash, because a claim may rest on it; thread-safe.
// Decides by election.hpp.
#pragma once

#include <mutex>
#include <string>

#include "agent/postgres/options.hpp"
#include "postgres/rules/election.hpp"

namespace cadence::agent::postgres {

class Commitment {
 public:
  explicit Commitment(const Options& options);

  // Empty: promised, until `ttl` from now. Else why not. `view`: the Lease as this instance sees it.
  std::string promise(const rules::LeaseView& view, const std::string& holder, std::int64_t term,
                      rules::Milliseconds ttl);
  [[nodiscard]] bool has_promised(const rules::LeaseView& view) const;

  // Empty: bound to the record and on disk. Else why not. `facts.has_promised` is filled in here.
  std::string disarm(rules::SuspicionFacts facts, const std::string& resource_version);
  [[nodiscard]] bool is_disarmed() const;
  // A record newer than the one we were disarmed under: claims on that one can no longer succeed. Gives whether we are
  // free.
  bool free_by(const rules::LeaseView& view);
  // Of a Lease that is no more, whose records cannot be compared with the present one's.
  void forget();

 private:
  [[nodiscard]] bool has_promised_locked(const rules::LeaseView& view) const;
  base::Result<void> remember();
  const Options& options_;
  mutable std::mutex mutex_;
  std::string promised_to_, disarmed_under_;
  std::int64_t promised_term_ = 0;
  rules::Milliseconds promised_until_{0};
};

}  // namespace cadence::agent::postgres
