// Two threads that keep the Lease in sight: one renews it while we hold it and looks at it otherwise, one watches it.
// Tells the watchdog of each renewal, and of the peers' promises when the API server is away. Promises: an unknown
// outcome is no renewal; a claim rests on a record that was judged, never on whatever is there; a Lease that names
// somebody else is never written; deleting the Lease does not end a reign, it is made again; an older record never
// replaces a newer one. Does not decide who may claim: the rules do.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "agent/postgres/fence/lease_client.hpp"
#include "agent/postgres/fence/watchdog.hpp"
#include "postgres/rules/lease_document.hpp"

namespace cadence::agent::postgres {

class LeaseKeeper final : public LeasePort {
 public:
  struct Hooks {
    std::function<void()> changed{};  // another record was seen; any thread
    // The API server does not answer: did enough peers promise to let us go on? Called on the renewing thread, for each
    // set that an election could go by.
    std::function<bool(const rules::LeaseView&)> is_promised{};
  };
  LeaseKeeper(LeaseClient& client, const Options& options, Watchdog& watchdog, Hooks hooks);
  ~LeaseKeeper() override;

  // What the last successful read or write said; nothing before the first. A failed read leaves the old view in place.
  [[nodiscard]] std::optional<rules::LeaseView> view() const override;
  [[nodiscard]] std::string last_problem() const override;  // empty when the last call succeeded
  [[nodiscard]] bool is_holding() const override;
  [[nodiscard]] bool is_lost() const override;  // we held it, and it names somebody else now
  // how long the record had not changed, at the last successful look
  [[nodiscard]] rules::Milliseconds silence() const override;
  // since we first saw the present holder (or none) of the present term
  [[nodiscard]] rules::Milliseconds since_handover() const override;

  // Each is one request, two where somebody else wrote in between, and waits for its answer.
  // `seen`: the record whose facts the claim rests on: it succeeds on that very one only, or on a renewal of our own
  // reign. `promotion`: of a standby that was elected.
  base::Result<void> claim(const rules::LeaseView& seen,
                           const std::optional<rules::Promotion>& promotion = {}) override;
  base::Result<void> describe(const std::string& system_identifier, std::int64_t timeline,
                              const std::optional<rules::Failover>& story) override;
  base::Result<void> publish(const rules::SynchronousSet& set) override;
  base::Result<void> measure(const std::string& unacknowledged, const std::string& settings) override;
  base::Result<void> amend(const std::function<json::Value(json::Value)>& change);  // only while we hold it
  // `seen`: only while the record is still this one.
  base::Result<void> release(const rules::Release& release, const std::optional<rules::LeaseView>& seen = {}) override;
  // Leads clients here, on the renewing thread; tried again with each renewal until it succeeds.
  void point_endpoints_here() override;

 private:
  void run(const std::stop_token& stop);
  void run_watch(const std::stop_token& stop);
  bool tick(std::stop_token stop);
  base::Result<void> read(std::stop_token stop);
  base::Result<void> renew(std::stop_token stop);
  base::Result<void> write(const json::Value& lease, std::stop_token stop);
  base::Result<void> keep_by_force_of_record(std::stop_token stop,
                                             const std::function<json::Value(json::Value)>& change);
  void accept(json::Value lease, bool is_current);
  bool is_promised();
  void note(const base::Result<void>& outcome);
  void tend_endpoints(std::stop_token stop);
  [[nodiscard]] rules::Milliseconds pause_after(bool is_done) const;
  [[nodiscard]] bool is_still(const rules::LeaseView& seen) const;
  [[nodiscard]] bool is_ours(const rules::LeaseView& view) const;

  LeaseClient& client_;
  const Options& options_;
  Watchdog& watchdog_;
  Hooks hooks_;
  std::mutex calls_;   // one request at a time; never taken by readers of the state below
  json::Value lease_;  // as last seen; null: none (guarded by calls_)

  mutable std::mutex state_;
  std::optional<rules::LeaseView> view_;
  rules::SilenceWatch silence_watch_;
  rules::Milliseconds silence_{0}, handed_over_at_{0};
  std::string problem_;
  std::vector<rules::SynchronousSet> unsure_;  // of writes that may have happened since our last one that did
  bool is_holding_ = false, is_lost_ = false, must_point_ = false, is_urgent_ = false;
  std::condition_variable_any wake_;
  std::jthread thread_, watch_thread_;
};

}  // namespace cadence::agent::postgres
