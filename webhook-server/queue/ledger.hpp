// The port behind which deliveries are looked up that a provider says it has sent, and behind which each watched hook
// has a record: the notes of whoever looked last, and when to look again.
// Promises of every adapter: one turn at a hook is out at a time, until it is over or its lease is; a turn that was
// lost changes nothing. Time is the store's own. Knows no providers, and not what notes mean. Any thread.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::queue {

// The right to look at a hook.
struct HookTurn {
  std::string hook, claim;
  std::string notes;  // as keep() or finish() were given them; empty: nobody has looked yet
};

struct HookRecord {
  std::string hook, notes;
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  // Of these keys of deliveries, 16 bytes each, those that were taken.
  virtual base::Result<std::set<std::string>> known(const std::vector<std::string>& keys) = 0;
  // Nothing: somebody has it, or it is not due. A hook is due when its wait is over, and at once where no turn has
  // begun in the last `fresh`.
  virtual base::Result<std::optional<HookTurn>> take(const std::string& hook, std::chrono::milliseconds lease,
                                                     std::chrono::milliseconds fresh) = 0;
  // Stores turn.notes; the lease begins again. False: the turn was lost.
  virtual base::Result<bool> keep(const HookTurn& turn, std::chrono::milliseconds lease) = 0;
  // The same, and the next turn is due after `wait`.
  virtual base::Result<bool> finish(const HookTurn& turn, std::chrono::milliseconds wait) = 0;
  virtual base::Result<std::vector<HookRecord>> records() = 0;
};

}  // namespace cadence::queue
