// A store in memory for tests of what stands on the port; can be switched off.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "queue/store.hpp"

namespace cadence::queue {

class FakeStore final : public Store {
 public:
  std::atomic<bool> is_away{false}, is_hanging{false};          // hanging: it keeps to no deadline
  std::atomic<bool> is_closed{false}, is_claim_refused{false};  // closed: to what receivers write
  std::atomic<int> accepts{0}, renewals{0}, hand_backs{0}, leaves{0};
  std::atomic<int> takes_ms{0};  // a statement that is given less is broken off, as PostgreSQL's would be
  std::atomic<int> counts{0};
  std::atomic<bool> is_counting_held{false};  // a count goes on until it is let go
  std::atomic<bool> is_bare{false};           // it has no tables until migrate() makes them
  std::string poison;                         // a batch with this delivery key is refused as Invalid

  static base::Error away() { return {base::ErrorKind::Transient, "The store is away"}; }

  class FakeAcceptor final : public Acceptor {
   public:
    explicit FakeAcceptor(FakeStore& store) : store_(store) {}
    base::Result<std::vector<Accepted>> accept(std::span<const Delivery> batch,
                                               std::chrono::milliseconds limit) override {
      ++store_.accepts;
      const std::chrono::milliseconds takes(store_.takes_ms);
      if (takes > limit) return away();
      while (store_.is_hanging) std::this_thread::yield();
      if (store_.is_away) return away();
      if (store_.is_bare) return base::Error{base::ErrorKind::Invalid, "There is no such table"};
      std::vector<Accepted> accepted;
      for (const auto& delivery : batch)
        if (!store_.poison.empty() && delivery.key == store_.poison)
          return base::Error{base::ErrorKind::Invalid, "A row was refused"};
      for (const auto& delivery : batch) {
        store_.add({delivery.job_id, delivery.spec, 0, 0});
        store_.note_accepted(delivery.job_id);
        accepted.push_back({delivery.job_id, JobStatus::Pending, true});
      }
      return accepted;
    }

   private:
    FakeStore& store_;
  };

  void add(Claim claim) {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(claim));
  }
  // Of all that was accepted, in order, whatever became of it.
  std::vector<std::string> accepted_ids() {
    std::lock_guard lock(mutex_);
    return accepted_ids_;
  }
  std::map<std::string, Outcome> outcomes() {
    std::lock_guard lock(mutex_);
    return outcomes_;
  }

  void note_accepted(const std::string& id) {
    std::lock_guard lock(mutex_);
    accepted_ids_.push_back(id);
  }

  base::Result<void> migrate() override {
    if (is_away) return away();
    is_bare = false;
    return base::ok();
  }
  std::unique_ptr<Acceptor> open_acceptor() override { return std::make_unique<FakeAcceptor>(*this); }
  base::Result<void> check() override { return is_closed ? base::Result<void>(away()) : base::ok(); }
  [[nodiscard]] Trouble trouble() const override {
    return is_away || is_closed || is_claim_refused ? Trouble{"42501", "no rights"} : Trouble{};
  }
  base::Result<void> renew(const Worker&, std::chrono::milliseconds) override {
    if (is_away) return away();
    ++renewals;
    return base::ok();
  }
  base::Result<void> leave(const Worker&) override {
    ++leaves;
    return base::ok();
  }
  base::Result<std::vector<Claim>> claim(const Worker&, Room room, const std::vector<std::string>&) override {
    if (is_away || is_claim_refused) return away();
    std::lock_guard lock(mutex_);
    std::vector<Claim> claims;
    std::stable_partition(waiting_.begin(), waiting_.end(),
                          [](const Claim& claim) { return !is_asked_for(claim.spec); });
    while (!waiting_.empty() && static_cast<int>(claims.size()) < room.all &&
           (!is_asked_for(waiting_.front().spec) || room.asked-- > 0)) {
      claims.push_back(waiting_.front());
      ++claims.back().attempt;
      waiting_.erase(waiting_.begin());
    }
    return claims;
  }
  base::Result<void> note_progress(const Worker&, const Claim&, const std::string&) override { return base::ok(); }
  base::Result<bool> complete(const Worker&, const Claim& claim, const Outcome& outcome) override {
    if (is_away) return away();
    std::lock_guard lock(mutex_);
    outcomes_[claim.job_id] = outcome;
    return true;
  }
  base::Result<bool> hand_back(const Worker&, const Claim& claim) override {
    if (is_away) return away();
    ++hand_backs;
    std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.begin(), claim);  // the oldest first
    --waiting_.front().attempt;
    return true;
  }
  base::Result<Rescued> rescue(int) override { return Rescued{}; }
  base::Result<std::optional<Job>> find(const std::string&) override { return std::optional<Job>(); }
  base::Result<JobPage> list(const JobFilter&) override { return JobPage{}; }
  base::Result<Depth> depth() override {
    ++counts;
    while (is_counting_held) std::this_thread::yield();
    std::lock_guard lock(mutex_);
    Depth depth;
    depth.waiting = static_cast<std::int64_t>(waiting_.size());
    return depth;
  }
  base::Result<int> purge(const Retention&, int) override { return 0; }

 private:
  std::mutex mutex_;
  std::vector<Claim> waiting_;
  std::map<std::string, Outcome> outcomes_;
  std::vector<std::string> accepted_ids_;
};

}  // namespace cadence::queue
