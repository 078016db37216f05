#include "queue/intake.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace cadence::queue {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

namespace {

milliseconds left_until(base::Monotonic deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - base::system_clock().monotonic());
}

}  // namespace

Intake::Intake(Store& store, IntakeOptions options, std::function<void()> on_queued)
    : store_(store), options_(options), on_queued_(std::move(on_queued)) {
  watcher_ = std::jthread([this](std::stop_token stop) { watch(stop); });
  for (int i = 0; i < options_.writers; ++i) writers_.emplace_back([this](std::stop_token stop) { write_loop(stop); });
}

Intake::~Intake() { stop(); }

bool Intake::submit(Delivery delivery, Answer answer) {
  bool is_first = false;
  {
    std::lock_guard lock(mutex_);
    const bool is_asked = is_asked_for(delivery.spec);
    if (is_stopped_ || entries_.size() >= options_.waiting || (is_asked && asked_ >= options_.asked)) return false;
    if (is_asked) ++asked_;
    const auto deadline = base::system_clock().monotonic() + options_.ack_deadline;
    entries_.push_back({std::move(delivery), std::make_shared<Pending>(std::move(answer)), deadline});
    while (!watched_.empty() && watched_.front().pending.expired()) watched_.pop_front();
    is_first = watched_.empty();
    watched_.push_back({entries_.back().pending, deadline});
  }
  arrived_.notify_one();
  if (is_first) watching_.notify_one();
  return true;
}

void Intake::Pending::settle(base::Result<Accepted> accepted) {
  if (is_settled_.exchange(true)) return;
  std::exchange(answer_, nullptr)(std::move(accepted));
}

// A store that neither answers nor gives up by its own deadline, as a disk that hangs, must not keep a sender waiting.
// What it stores after all is known when the sender repeats it.
void Intake::watch(std::stop_token stop) {
  constexpr milliseconds kGrace{250};  // for the answer of a writer that gives up at the deadline
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    watching_.wait(lock, stop, [this] { return !watched_.empty(); });
    if (watched_.empty()) continue;
    const auto next = watched_.front();
    const auto left = next.deadline + kGrace - base::system_clock().monotonic();
    if (!next.pending.expired() && left > left.zero()) {
      watching_.wait_for(lock, stop, left, [&] { return next.pending.expired(); });
      continue;
    }
    watched_.pop_front();
    lock.unlock();
    if (const auto pending = next.pending.lock())
      pending->settle(Error{ErrorKind::Transient, "The job store did not answer in time"});
    lock.lock();
  }
}

void Intake::stop() {
  std::deque<Entry> orphans;
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  for (auto& writer : writers_) writer.request_stop();
  for (auto& writer : writers_)
    if (writer.joinable()) writer.join();
  watcher_.request_stop();
  if (watcher_.joinable()) watcher_.join();
  {
    std::lock_guard lock(mutex_);
    orphans.swap(entries_);
  }
  for (auto& entry : orphans) entry.answer(Error{ErrorKind::Canceled, "The job queue is shutting down"});
}

std::size_t Intake::waiting() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

std::vector<Intake::Entry> Intake::take_batch(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, stop, [this] { return !entries_.empty(); });
  std::vector<Entry> batch;
  while (!entries_.empty() && batch.size() < options_.batch) {
    if (is_asked_for(entries_.front().delivery.spec)) --asked_;
    batch.push_back(std::move(entries_.front()));
    entries_.pop_front();
  }
  return batch;
}

void Intake::write_loop(std::stop_token stop) {
  const auto acceptor = store_.open_acceptor();
  while (!stop.stop_requested()) {
    auto batch = take_batch(stop);
    if (!batch.empty()) write(*acceptor, std::move(batch), stop);
  }
}

void Intake::settle(std::vector<Entry>& batch, const std::vector<Accepted>& accepted) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (i < accepted.size()) batch[i].answer(accepted[i]);
    else batch[i].answer(Error{ErrorKind::Bug, "The store answered fewer deliveries than it was given"});
  }
  if (on_queued_) on_queued_();
}

void Intake::write(Acceptor& acceptor, std::vector<Entry> batch, std::stop_token stop) {
  Error last{ErrorKind::Transient, "The job store did not answer in time"};
  bool is_told = false;
  while (!batch.empty() && !stop.stop_requested()) {
    std::vector<Delivery> deliveries;
    for (const auto& entry : batch) deliveries.push_back(entry.delivery);
    const auto soonest = std::min_element(batch.begin(), batch.end(), [](auto& a, auto& b) {
                           return a.deadline < b.deadline;
                         })->deadline;
    auto accepted =
        acceptor.accept(deliveries, std::clamp(left_until(soonest), milliseconds(1), options_.statement_limit));
    if (accepted) return settle(batch, *accepted);
    last = accepted.error();
    if (last.kind != ErrorKind::Transient) {
      if (batch.size() == 1) return batch.front().answer(last);
      // One row the store refuses must not take its neighbours with it.
      for (auto& entry : batch) {
        std::vector<Entry> single;
        single.push_back(std::move(entry));
        write(acceptor, std::move(single), stop);
      }
      return;
    }
    if (!std::exchange(is_told, true))
      base::log_warning("Deliveries could not be stored yet", {{"count", batch.size()}, {"error", last.message}});
    base::wait_for(stop, options_.retry_pause);
    const auto late = std::stable_partition(batch.begin(), batch.end(),
                                            [](auto& e) { return left_until(e.deadline) > milliseconds(0); });
    for (auto it = late; it != batch.end(); ++it) it->answer(last);
    batch.erase(late, batch.end());
  }
  for (auto& entry : batch) entry.answer(Error{ErrorKind::Canceled, "The job queue is shutting down"});
}

}  // namespace cadence::queue
