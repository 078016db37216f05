// The port behind which deliveries wait that the job store could not take in time. Promises of every adapter: what
// keep() counted outlives this process; what was kept comes back in the order in which it was kept, until it is
// dropped; what cannot be read is set aside and named, and holds up nothing else. Knows no store. Any thread; oldest(),
// drop() and set_aside() from one at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "queue/job.hpp"

namespace cadence::queue {

struct SpoolState {
  std::int64_t entries = 0, bytes = 0;
  std::int64_t set_aside = 0;  // files, or what stands for them
  std::optional<base::Wall> oldest = std::nullopt;
};

// What was kept together and comes back together.
struct SpoolBatch {
  std::string name;
  std::vector<Delivery> deliveries;
  std::string damage = {};  // why the rest of it could not be read; empty: this is all
};

class Spool {
 public:
  virtual ~Spool() = default;
  // Keeps the first of them, as many as go together, and says how many: at least one. An error keeps nothing; its
  // message is for the log.
  virtual base::Result<std::size_t> keep(std::span<const Delivery> deliveries) = 0;
  virtual base::Result<std::optional<SpoolBatch>> oldest() = 0;
  // The store has them.
  virtual void drop(const SpoolBatch& batch) = 0;
  // The store has all but these, which it never takes; whatever is damaged stays as it is, for a person to look at.
  virtual base::Result<void> set_aside(const SpoolBatch& batch, std::span<const Delivery> refused) = 0;
  [[nodiscard]] virtual SpoolState state() const = 0;
};

// Signed, and without a login in its URL: a spool never holds a secret.
bool may_be_spooled(const Delivery& delivery);

}  // namespace cadence::queue
