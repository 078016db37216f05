// The port behind which jobs live. Promises of every adapter: what accept() returned is durable; one delivery key has
// one job for ever; a job is held by at most one claim; a result is published once, by the holder of the claim,
// together with the completion. Time is the store's own clock. Transient means: try again, every call may be repeated
// after an unknown outcome.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "queue/job.hpp"

namespace cadence::queue {

// One process that runs jobs. Its lease covers all its claims, so a heartbeat is one write however many jobs run.
struct Worker {
  std::string incarnation;  // UUID, new at each start: a restarted pod never owns the claims of its past life
  std::string replica;
};

// The write path of receivers; one per writing thread, not shared.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  // One durable statement for the whole batch, answers in its order. A repeat returns the first job; a repeat of a
  // failed job puts it back in the queue, unless only its body is known. Returns by `deadline` (counted from the call)
  // or a little after.
  virtual base::Result<std::vector<Accepted>> accept(std::span<const Delivery> batch,
                                                     std::chrono::milliseconds deadline) = 0;
};

struct Rescued {
  int requeued = 0, given_up = 0;
};

// Why the store does not do what it was asked for, for people who see no log: it leaves this process, so it holds no
// address, no login and nothing of a job.
struct Trouble {
  std::string code;  // SQLSTATE; empty where there is none
  std::string text;  // one line
  bool operator==(const Trouble&) const = default;
};
inline constexpr std::size_t kLongestTrouble = 200;
// A full disk is told by name: an error of that kind has these words.
inline constexpr std::string_view kDiskIsFull = "the disk of the job store is full";

struct Retention {
  std::chrono::hours results{720};
  std::chrono::hours deliveries{336};
};

class Ledger;
class Outbox;

// Any thread.
class Store {
 public:
  virtual ~Store() = default;
  virtual base::Result<void> migrate() = 0;
  virtual std::unique_ptr<Acceptor> open_acceptor() = 0;

  // Whether all that receivers and workers write could be written now, as far as rights and tables go; writes nothing.
  virtual base::Result<void> check() = 0;
  // Why the last migrate(), renew(), check() or claim() failed; nothing when it did not.
  [[nodiscard]] virtual Trouble trouble() const = 0;

  virtual base::Result<void> renew(const Worker& worker, std::chrono::milliseconds lease) = 0;
  virtual base::Result<void> leave(const Worker& worker) = 0;
  // What lost its worker first, then signed pushes, then what was asked for. Of pushes the owners take turns, and the
  // repositories of an owner, whatever each has waiting; of a repository, and of what was asked for, the oldest first.
  // Needs a live lease. Claims of this worker that are not in `held` are claimed again: their first answer was lost.
  virtual base::Result<std::vector<Claim>> claim(const Worker& worker, Room room,
                                                 const std::vector<std::string>& held) = 0;
  virtual base::Result<void> note_progress(const Worker& worker, const Claim& claim, const std::string& progress) = 0;
  // False: the claim is no longer held and nothing was stored.
  virtual base::Result<bool> complete(const Worker& worker, const Claim& claim, const Outcome& outcome) = 0;
  virtual base::Result<bool> hand_back(const Worker& worker, const Claim& claim) = 0;  // does not count as an attempt
  // Frees the claims of workers whose lease ended; after `max_attempts` the job fails instead.
  virtual base::Result<Rescued> rescue(int max_attempts) = 0;

  virtual base::Result<std::optional<Job>> find(const std::string& id) = 0;
  virtual base::Result<JobPage> list(const JobFilter& filter) = 0;
  virtual base::Result<Depth> depth() = 0;
  virtual base::Result<int> purge(const Retention& retention, int batch) = 0;  // rows removed
  virtual Outbox* outbox() { return nullptr; }                                 // null: it keeps no statuses
  virtual Ledger* ledger() { return nullptr; }                                 // null: it watches no hooks
};

}  // namespace cadence::queue
