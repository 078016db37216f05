// Brings the passwords of the mounted Secret to the running server. Promises: while they turn, the new and the earlier
// ones are good, for applications, the operator and the replicas, so nobody is locked out; a Secret that is gone, empty
// or cut changes nothing. Logs none.
#pragma once

#include <vector>

#include "agent/redis/configuration.hpp"
#include "base/clock.hpp"

namespace cadence::agent::redis {

class PasswordKeeper {
 public:
  PasswordKeeper(Places places, Secrets now) : places_(std::move(places)), now_(std::move(now)) {}
  // Reads the Secret, at most once a second, and tells the server what changed; tries again at the next look when that
  // failed.
  void look();
  [[nodiscard]] const Secrets& now() const { return now_; }
  // All that the server was told to take; the first is what it shows to others.
  [[nodiscard]] std::vector<Secrets> good() const { return with_earlier(now_); }

 private:
  [[nodiscard]] std::vector<Secrets> with_earlier(const Secrets& next) const;
  base::Result<void> tell_server(const Secrets& next) const;

  struct Earlier {
    Secrets secrets;
    base::Monotonic until;
  };
  Places places_;
  Secrets now_;
  std::vector<Earlier> earlier_;
  base::Monotonic next_look_{};
};

}  // namespace cadence::agent::redis
