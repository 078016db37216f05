// What becomes of deliveries that the store did not take in time: they are refused, or kept in the spool.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "queue/intake.hpp"

namespace cadence::queue {

using base::Error;
using base::ErrorKind;

namespace {

constexpr std::chrono::seconds kTellAgain{10};

Error late() { return {ErrorKind::Transient, "The job store did not answer in time"}; }

}  // namespace

bool may_be_spooled(const Delivery& delivery) {
  if (is_asked_for(delivery.spec)) return false;
  const auto& url = delivery.spec.url;
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  const auto host = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const auto at = host.rfind('@');
  if (at == std::string::npos) return true;
  // The user of SSH is a name; that of HTTP is often a token.
  return !base::to_lower(url).starts_with("http") && host.substr(0, at).find(':') == std::string::npos;
}

base::Monotonic Intake::next_look() const {
  auto next = base::Monotonic::max();
  if (!watched_.empty()) {
    const auto& first = *watched_.front();
    const bool is_under_way = first.stage == Stage::UnderWay;
    next = first.deadline + (is_under_way ? options_.grace : options_.grace.zero());
  }
  if (!limited_.empty()) next = std::min(next, limited_.front()->deadline + options_.spool_limit);
  return next;
}

// A store that neither answers nor gives up, as a disk that hangs, must not keep a sender waiting, and no more must a
// spool. What they keep after all is known when the sender repeats it.
void Intake::watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    forget_answered();
    if (watched_.empty() && limited_.empty()) {
      watching_.wait(lock, stop, [this] { return !watched_.empty(); });
      continue;
    }
    const auto next = next_look();
    const auto left = next - base::system_clock().monotonic();
    if (left > left.zero()) {
      watching_.wait_for(lock, stop, left, [&] { return next_look() < next; });
      continue;
    }
    const auto refused = take_late();
    lock.unlock();
    for (const auto& entry : refused) settle(entry, late());
    lock.lock();
  }
}

Intake::Batch Intake::take_late() {
  const auto now = base::system_clock().monotonic();
  Batch refused;
  while (!limited_.empty() && limited_.front()->deadline + options_.spool_limit <= now) {
    refused.push_back(std::move(limited_.front()));
    limited_.pop_front();
  }
  while (!watched_.empty()) {
    const auto entry = watched_.front();
    const bool is_under_way = entry->stage == Stage::UnderWay;
    if (entry->answer && entry->deadline + (is_under_way ? options_.grace : options_.grace.zero()) > now) break;
    watched_.pop_front();
    if (!entry->answer || entry->stage == Stage::Spooling) continue;
    if (spool_ != nullptr && may_be_spooled(entry->delivery)) hand_to_spool(entry);
    else refused.push_back(entry);
  }
  return refused;
}

void Intake::hand_to_spool(const Entry& entry) {
  entry->stage = Stage::Spooling;
  overdue_.push_back(entry);
  limited_.push_back(entry);
  spooling_.notify_one();
}

// Where a spool can take them, the oldest go there before their time, so that the next ones find room.
void Intake::make_room() {
  if (spool_ == nullptr || health_ != Health::Away) return;
  if (held_ < options_.waiting / 4 * 3 && bytes_ < options_.bytes / 4 * 3) return;
  const auto oldest = std::find_if(waiting_.begin(), waiting_.end(), [](const Entry& entry) {
    return entry->answer && entry->stage == Stage::Waiting && may_be_spooled(entry->delivery);
  });
  if (oldest != waiting_.end()) hand_to_spool(*oldest);
}

void Intake::spool_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      if (!spooling_.wait(lock, stop, [this] { return !overdue_.empty(); })) return;
      const auto count = static_cast<std::ptrdiff_t>(std::min(overdue_.size(), options_.batch));
      batch.assign(overdue_.begin(), overdue_.begin() + count);
      overdue_.erase(overdue_.begin(), overdue_.begin() + count);
    }
    keep(std::move(batch));
  }
}

// A repeat of what was taken or spooled lately gets its job: who sent both is told one id, and the store will find that
// it is so.
std::vector<Delivery> Intake::name_jobs(Batch& batch) {
  auto deliveries = living(batch);
  std::lock_guard lock(mutex_);
  RecentJobs together(2 * batch.size());
  for (auto& delivery : deliveries) {
    auto id = recent_.find(delivery);
    if (id.empty()) id = together.find(delivery);
    if (!id.empty()) delivery.job_id = id;
    together.note(delivery, delivery.job_id);
  }
  return deliveries;
}

void Intake::count_spooled(std::size_t kept, std::size_t refused) {
  std::lock_guard lock(mutex_);
  spooled_ += kept;
  spool_refused_ += refused;
}

void Intake::keep(Batch batch) {
  const auto deliveries = name_jobs(batch);
  for (std::size_t done = 0; done < deliveries.size();) {
    const auto kept = spool_->keep(std::span(deliveries).subspan(done));
    if (!kept) {
      const auto now = base::system_clock().monotonic();
      if (now - std::exchange(told_at_, now) > kTellAgain)
        base::log_error("Deliveries could not be spooled, they are refused",
                        {{"count", deliveries.size() - done}, {"error", kept.error().message}});
      count_spooled(0, deliveries.size() - done);
      for (std::size_t i = done; i < batch.size(); ++i) settle(batch[i], late());
      return;
    }
    count_spooled(*kept, 0);
    for (std::size_t i = done; i < done + *kept; ++i)
      settle(batch[i], Accepted{deliveries[i].job_id, JobStatus::Pending, true, true});
    done += *kept;
  }
}

// Nobody else is left who could.
void Intake::leave_behind() {
  Batch kept, refused;
  {
    std::lock_guard lock(mutex_);
    overdue_.insert(overdue_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    for (const auto& entry : std::exchange(overdue_, {})) {
      if (!entry->answer) continue;
      (spool_ != nullptr && may_be_spooled(entry->delivery) ? kept : refused).push_back(entry);
    }
  }
  if (!kept.empty()) keep(std::move(kept));
  for (const auto& entry : refused) settle(entry, Error{ErrorKind::Canceled, "The job queue is shutting down"});
}

}  // namespace cadence::queue
