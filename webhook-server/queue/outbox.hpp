// The port behind which statuses wait that the senders of pushes are owed: one row for each unfinished job that is
// answered back, written by the statement that accepts the job, and its verdict by the transaction that ends the job.
// Promises of every adapter: only the newest status of a job is handed out; while one of a job is handed out no other
// of it is; one that was handed out and not settled comes again when its lease is over; settling with a claim that was
// lost changes nothing. Time is the store's own. Knows no providers. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "queue/job.hpp"

namespace cadence::queue {

// Whether somebody is to be told what becomes of such a job. Asked for each job that is accepted or ends.
using Owes = std::function<bool(const JobSpec&)>;

// A status to be told, and the right to tell it.
struct OwedStatus {
  std::string job_id;
  JobSpec spec;  // event_type, full_name, branch and commit
  JobStatus status = JobStatus::Pending;
  std::string summary;  // of a job that was completed
  std::string remote;   // what note_told() was given before: the provider's own id
  std::string claim;
  int version = 0;  // of the status
  int attempt = 0;  // at telling this version, this one included
  std::chrono::seconds age{0};
};

struct OutboxState {
  std::int64_t waiting = 0;        // counted up to kMostOwedCounted
  std::chrono::seconds oldest{0};  // how long one has been owed
};
inline constexpr int kMostOwedCounted = 100000;

class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual base::Result<std::vector<OwedStatus>> claim(int most, std::chrono::milliseconds lease) = 0;
  // Told, or never to be told; a verdict leaves the outbox so. False: the claim was lost.
  virtual base::Result<bool> settle(const OwedStatus& owed, const std::string& remote) = 0;
  // To be told later; a newer status of the job goes out at once.
  virtual base::Result<bool> put_off(const OwedStatus& owed, std::chrono::milliseconds wait, bool is_attempt) = 0;
  // Jobs that ended in the last `window` under a server that knows no outbox; how many.
  virtual base::Result<int> catch_up(std::chrono::seconds window) = 0;
  virtual base::Result<OutboxState> state() = 0;
};

}  // namespace cadence::queue
