#include "queue/spool_drain.hpp"

#include <utility>

#include "base/log.hpp"

namespace cadence::queue {

using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

SpoolDrain::SpoolDrain(Store& store, Spool& spool, SpoolDrainOptions options, std::function<void()> on_queued)
    : store_(store), spool_(spool), options_(options), on_queued_(std::move(on_queued)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

SpoolDrain::~SpoolDrain() { stop(); }

void SpoolDrain::wake() {
  {
    std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_one();
}

void SpoolDrain::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

bool SpoolDrain::finish(milliseconds limit) {
  wake();
  std::unique_lock lock(mutex_);
  return moved_.wait_for(lock, limit, [this] { return spool_.state().entries == 0; });
}

void SpoolDrain::pause(const std::stop_token& stop, milliseconds most) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, most, [this] { return is_woken_; });
  is_woken_ = false;
}

void SpoolDrain::run(const std::stop_token& stop) {
  const auto acceptor = store_.open_acceptor();
  base::Backoff pauses(options_.retry);
  bool is_told = false, is_busy = false;
  while (!stop.stop_requested()) {
    const auto more = take_one(*acceptor);
    {
      std::lock_guard lock(mutex_);  // or finish() would miss it between its look and its wait
    }
    moved_.notify_all();
    if (!more) {
      if (!std::exchange(is_told, true))
        base::log_warning("Spooled deliveries wait for the job store",
                          {{"count", spool_.state().entries}, {"error", more.error().message}});
      pause(stop, pauses.next());
      continue;
    }
    pauses.reset();
    is_told = false;
    if (is_busy && !*more) base::log_info("The spool is empty", {{"taken_in_since_start", taken_in()}});
    is_busy = *more;
    if (!*more) pause(stop, options_.look_every);
  }
}

Result<bool> SpoolDrain::take_one(Acceptor& acceptor) {
  const auto found = spool_.oldest();
  if (!found) return found.error();
  if (!*found) return false;
  const auto& batch = **found;
  if (!is_prepared_) {
    if (auto prepared = store_.migrate(); !prepared) return prepared.error();
  }
  std::vector<Delivery> refused;
  const auto accepted = acceptor.accept(batch.deliveries, options_.statement_limit);
  is_prepared_ = accepted.is_ok();
  if (accepted) {
    note_taken(batch.deliveries, *accepted);
  } else if (accepted.error().kind == ErrorKind::Transient) {
    return accepted.error();
  } else {
    auto left = take_singly(acceptor, batch);
    if (!left) return left.error();
    refused = std::move(*left);
  }
  if (on_queued_) on_queued_();
  if (refused.empty() && batch.damage.empty()) spool_.drop(batch);
  else if (auto moved = spool_.set_aside(batch, refused); !moved) return moved.error();
  return true;
}

// Those that the store refuses for good.
Result<std::vector<Delivery>> SpoolDrain::take_singly(Acceptor& acceptor, const SpoolBatch& batch) {
  std::vector<Delivery> refused;
  for (const auto& delivery : batch.deliveries) {
    const auto accepted = acceptor.accept({&delivery, 1}, options_.statement_limit);
    if (accepted) {
      note_taken({&delivery, 1}, *accepted);
    } else if (accepted.error().kind == ErrorKind::Transient) {
      return accepted.error();
    } else {
      base::log_error("The job store refused a spooled delivery",
                      {{"job", delivery.job_id}, {"error", accepted.error().message}});
      refused.push_back(delivery);
    }
  }
  return refused;
}

void SpoolDrain::note_taken(std::span<const Delivery> deliveries, const std::vector<Accepted>& accepted) {
  taken_in_ += deliveries.size();
  for (std::size_t i = 0; i < deliveries.size() && i < accepted.size(); ++i)
    if (accepted[i].job_id != deliveries[i].job_id)
      base::log_info("A spooled delivery was a repeat of one that the store knew",
                     {{"answered", deliveries[i].job_id}, {"job", accepted[i].job_id}});
}

}  // namespace cadence::queue
