// One thread that watches the Lease, or renews it while we hold it. Tells the watchdog of each renewal.
// Promises: an unknown outcome is no renewal; a Lease that names somebody else is never written; deleting the Lease does not end a
// reign, it is made again. Does not decide who may claim: the boot rules do.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "agent/postgres/lease_client.hpp"
#include "agent/postgres/watchdog.hpp"
#include "postgres/lease_document.hpp"

namespace cadence::agent::postgres {

class LeaseKeeper {
 public:
  LeaseKeeper(LeaseClient& client, const Options& options, Watchdog& watchdog);
  ~LeaseKeeper();

  // What the last successful read or write said; nothing before the first. A failed read leaves the old view in place.
  [[nodiscard]] std::optional<rules::LeaseView> view() const;
  [[nodiscard]] std::string last_problem() const;  // empty when the last call succeeded
  [[nodiscard]] bool is_holding() const;
  [[nodiscard]] bool is_lost() const;  // we held it, and it names somebody else now
  [[nodiscard]] bool was_silent() const;  // the record stayed unchanged for a whole duration under our eyes

  // Each is one request and waits for its answer.
  base::Result<void> claim();
  base::Result<void> describe(const std::string& system_identifier, std::int64_t timeline);
  base::Result<void> release();

 private:
  void run(const std::stop_token& stop);
  bool tick(std::stop_token stop);
  base::Result<void> read(std::stop_token stop);
  base::Result<void> renew(std::stop_token stop);
  base::Result<void> write(const json::Value& lease, std::stop_token stop);
  base::Result<void> keep_by_force_of_record(std::stop_token stop);
  void accept(json::Value lease);
  void note(const base::Result<void>& outcome);
  [[nodiscard]] bool is_ours(const rules::LeaseView& view) const;

  LeaseClient& client_;
  const Options& options_;
  Watchdog& watchdog_;
  std::mutex calls_;  // one request at a time; never taken by readers of the state below
  json::Value lease_;  // as last seen; null: none (guarded by calls_)

  mutable std::mutex state_;
  std::optional<rules::LeaseView> view_;
  rules::SilenceWatch silence_;
  std::string problem_;
  bool is_holding_ = false, is_lost_ = false, was_silent_ = false;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace cadence::agent::postgres
