// Empties the outbox: claims what is due, tells it, settles it. Promises: so many are told at once; each claim is
// settled, put off or left to its lease, so a status is told at least once and by one sender at a time; an account that
// rests, because its provider asked for it or does not answer, is asked by one status after each rest and not by all
// that wait; what cannot be told is given up with a line in the log. Ends soon after stop(). Knows no provider.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/backoff.hpp"
#include "feedback/account.hpp"
#include "queue/outbox.hpp"
#include "trace/span.hpp"

namespace cadence::feedback {

struct SenderOptions {
  int hands = 4;
  std::chrono::milliseconds lease{40000};
  std::chrono::milliseconds limit{15000};  // of telling one; far below the lease, or two would tell it
  std::chrono::milliseconds poll{1000};
  std::chrono::milliseconds tidy_every{60000};
  std::chrono::seconds give_up_after{24 * 3600};
  base::BackoffOptions retry{std::chrono::milliseconds(5000), 2.0, std::chrono::milliseconds(600000), 0.2};
  base::BackoffOptions rest{std::chrono::milliseconds(1000), 2.0, std::chrono::milliseconds(60000), 0.2};
  trace::Spans* spans = nullptr;  // where spans of calls go; null: nowhere
};

// Of one provider.
struct SenderCounts {
  std::uint64_t sent = 0, retried = 0, given_up = 0;
};

struct SenderState {
  std::map<std::string, SenderCounts> by_provider;
  queue::OutboxState outbox;  // of all replicas, as last seen
};

// The page of a job for whoever reads its status; empty: there is none.
using PageOf = std::function<std::string(const std::string& job_id)>;

class Sender {
 public:
  Sender(queue::Outbox& outbox, const Options& options, PageOf page_of, SenderOptions how = {});
  ~Sender();

  void wake();  // something may be due
  void stop();
  [[nodiscard]] SenderState state() const;

 private:
  struct Pace {
    base::Monotonic until{};
    base::Backoff rest;
    bool is_resting = false;  // until something was taken or refused for good
  };
  struct Work {
    queue::OwedStatus owed;
    base::Monotonic claimed_at;
  };
  void work(const std::stop_token& stop);
  std::optional<Work> next(const std::stop_token& stop);
  void claim(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void handle(const Work& work, const std::stop_token& stop);
  Answer tell(Account& account, const queue::OwedStatus& owed, std::chrono::milliseconds limit,
              const std::stop_token& stop);
  void note(Account& account, const Work& work, const Answer& answer);
  void put_off(const queue::OwedStatus& owed, std::chrono::milliseconds wait, bool is_attempt);
  void give_up(const queue::OwedStatus& owed, std::string_view provider, const std::string& why);
  void settle(const queue::OwedStatus& owed, const std::string& remote);
  [[nodiscard]] std::chrono::milliseconds rest_of(const Account& account);
  std::chrono::milliseconds begin_rest(const Account& account, const Answer& answer);
  void end_rest(const Account& account);
  void tidy(const std::stop_token& stop);

  queue::Outbox& outbox_;
  SenderOptions how_;
  PageOf page_of_;
  std::vector<std::unique_ptr<Account>> accounts_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_, woken_;
  std::deque<Work> claimed_;
  std::map<const Account*, Pace> paces_;
  SenderState state_;
  int idle_ = 0;
  bool is_claiming_ = false, is_woken_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace cadence::feedback
