#include "queue/workers.hpp"

#include <algorithm>
#include <utility>

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "trace/origin.hpp"

namespace cadence::queue {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

namespace {

base::Monotonic now() { return base::system_clock().monotonic(); }
base::Wall wall() { return base::system_clock().wall(); }

// An earlier worker of it died, perhaps of it.
bool is_suspect(const Claim& claim) { return claim.attempt > 1; }

}  // namespace

WorkerPool::WorkerPool(Store& store, Analyzer& analyzer, Worker worker, WorkerOptions options, WorkerEvents events)
    : store_(store), analyzer_(analyzer), worker_(std::move(worker)), options_(options), events_(std::move(events)) {
  for (int i = 0; i < options_.hands; ++i) hands_.emplace_back([this](std::stop_token stop) { work(stop); });
  keeper_ = std::jthread([this](std::stop_token stop) { keep(stop); });
}

WorkerPool::~WorkerPool() { drain(milliseconds(0)); }

// Where no hand is free there is nothing to claim for, and the first that is will ask.
void WorkerPool::wake() {
  {
    std::lock_guard lock(mutex_);
    if (static_cast<int>(running_.size()) >= options_.hands) return;
    is_woken_ = true;
  }
  woken_.notify_one();
}

void WorkerPool::drain(milliseconds limit) {
  std::unique_lock lock(mutex_);
  if (is_draining_ && !keeper_.joinable()) return;
  is_draining_ = true;
  // What nobody has begun goes back at once: another replica picks it up while we are still busy.
  for (auto& job : assigned_) job->is_handed_back = true;
  finished_.wait_for(lock, limit, [this] { return running_.empty(); });
  lock.unlock();
  stop_all(true);
  lock.lock();
  // Analyses end soon after their stop; the bound only guards against one that does not.
  finished_.wait_for(lock, std::chrono::seconds(10), [this] { return running_.empty(); });
  lock.unlock();
  stopping_.request_stop();
  keeper_.request_stop();
  for (auto& hand : hands_) hand.request_stop();
  if (keeper_.joinable()) keeper_.join();
  for (auto& hand : hands_)
    if (hand.joinable()) hand.join();
  if (auto left = store_.leave(worker_); !left)
    base::log_warning("Worker could not sign off", {{"error", left.error().message}});
}

void WorkerPool::stop_all(bool is_hand_back) {
  std::lock_guard lock(mutex_);
  for (auto& job : running_) {
    job->is_handed_back = job->is_handed_back || is_hand_back;
    job->stop.request_stop();
  }
}

// The keeper alone talks to the store about leases and claims, so an idle replica costs a few small queries a second.
void WorkerPool::keep(std::stop_token stop) {
  while (!stop.stop_requested()) {
    renew_lease();
    watch_deadlines();
    claim_jobs();
    tidy();
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, options_.poll, [this] { return is_woken_; });
    is_woken_ = false;
  }
}

base::Result<void> WorkerPool::prepare_and_renew() {
  const auto asked_at = now();
  // The database may come up after us, or come back as another one: whenever it failed us it is prepared again.
  auto renewed = is_prepared_ ? base::ok() : store_.migrate();
  if (renewed) renewed = store_.renew(worker_, options_.lease);
  is_prepared_ = is_reachable_ = renewed.is_ok();
  if (!renewed) {
    base::log_warning("Worker lease could not be renewed", {{"error", renewed.error().message}});
    return renewed;
  }
  last_renewal_ = asked_at;
  has_lease_ = true;
  // What receivers write has rights of its own. Without them jobs still run to their end, so the lease stays.
  auto checked = store_.check();
  if (!checked)
    base::log_warning("The job store does not take all that is to be written", {{"error", checked.error().message}});
  return checked;
}

void WorkerPool::renew_lease() {
  if (now() >= next_renewal_) {
    const auto asked_at = now();
    const auto outcome = prepare_and_renew();
    next_renewal_ =
        outcome ? asked_at + options_.renew_every : now() + std::min(options_.renew_every, milliseconds(1000));
    note_health(outcome);
  }
  if (has_lease_ && now() - last_renewal_ > options_.give_up_after) {
    has_lease_ = false;
    base::log_error("Worker lease is about to be lost, analyses were stopped");
    stop_all(true);
  }
}

// A store whose claims fail is not well because a lease in between was renewed: only a claim that succeeds ends that.
void WorkerPool::note_health(const Result<void>& outcome) {
  if (outcome && is_claim_failing_) return;
  bool is_back = false;
  {
    std::lock_guard lock(mutex_);
    is_back = outcome && !health_.is_up;
    health_ = {outcome.is_ok(), outcome ? Trouble{} : store_.trouble()};
  }
  if (!is_back) return;
  base::log_info("Job store is ready");
  if (events_.on_store_back) events_.on_store_back();
}

StoreHealth WorkerPool::store_health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void WorkerPool::watch_deadlines() {
  std::lock_guard lock(mutex_);
  for (auto& job : running_) {
    if (now() < job->deadline || job->is_timed_out) continue;
    job->is_timed_out = true;
    job->stop.request_stop();
  }
}

Depth WorkerPool::depth() const {
  std::lock_guard lock(mutex_);
  return depth_;
}

// How many may be claimed now.
Room WorkerPool::free_hands() const {
  const auto is_alone = [](const auto& job) { return is_suspect(job->claim); };
  if (is_draining_ || !has_lease_ || !is_reachable_ || std::any_of(running_.begin(), running_.end(), is_alone))
    return 0;
  if (is_suspect_waiting_) return running_.empty() ? 1 : 0;
  const auto asked =
      std::count_if(running_.begin(), running_.end(), [](const auto& job) { return is_asked_for(job->claim.spec); });
  return {options_.hands - static_cast<int>(running_.size()),
          std::max(std::max(options_.hands / 2, 1) - static_cast<int>(asked), 0)};
}

void WorkerPool::claim_jobs() {
  Room free = 0;
  std::vector<std::string> held;
  {
    std::lock_guard lock(mutex_);
    free = free_hands();
    for (const auto& job : running_) held.push_back(job->claim.job_id);
  }
  if (free.all <= 0) {
    if (is_reachable_) is_claim_failing_ = false;  // nothing shows that it still does
    return;
  }
  auto claims = store_.claim(worker_, free, held);
  if (!claims) {
    is_reachable_ = false;
    is_claim_failing_ = true;
    next_renewal_ = now();  // the next renewal tells when it is back
    base::log_warning("Jobs could not be claimed", {{"error", claims.error().message}});
    note_health(claims.error());
    return;
  }
  if (std::exchange(is_claim_failing_, false)) next_renewal_ = now();
  for (const auto& claim : take(std::move(*claims))) (void)store_.hand_back(worker_, claim);
}

// Hands out what may run now; returns the rest, which goes back: a claim that waited here would be lost with what runs.
std::vector<Claim> WorkerPool::take(std::vector<Claim> claims) {
  std::lock_guard lock(mutex_);
  std::vector<Claim> rest;
  bool is_one_alone = false;
  is_suspect_waiting_ = false;
  for (auto& claim : claims) {
    const bool must_wait = is_suspect(claim) && !running_.empty();
    is_suspect_waiting_ = is_suspect_waiting_ || must_wait;
    if (must_wait || is_one_alone) {
      rest.push_back(std::move(claim));
      continue;
    }
    is_one_alone = is_suspect(claim);
    auto job = std::make_shared<Running>();
    job->claim = std::move(claim);
    job->deadline = now() + options_.job_limit;
    job->is_handed_back = is_draining_;
    running_.push_back(job);
    assigned_.push_back(std::move(job));
  }
  handed_.notify_all();
  return rest;
}

void WorkerPool::tidy() {
  if (!is_reachable_) return;
  // Counting is the one query whose cost grows with the backlog: it has a twentieth of the keeper's time at most.
  if (now() >= next_count_) {
    const auto began = now();
    auto depth = store_.depth();
    next_count_ = now() + std::max<base::Monotonic::duration>(milliseconds(500), 19 * (now() - began));
    if (depth) depth->counted_at = now();
    std::lock_guard lock(mutex_);
    if (depth) depth_ = std::move(*depth);
  }
  if (now() < next_purge_) return;
  next_purge_ = now() + std::min(options_.purge_every, options_.renew_every);
  if (const auto rescued = store_.rescue(options_.max_attempts); rescued && rescued->requeued + rescued->given_up > 0) {
    base::log_warning("Jobs of a lost replica were taken over",
                      {{"requeued", rescued->requeued}, {"given_up", rescued->given_up}});
    if (events_.on_rescued) events_.on_rescued(*rescued);
  }
  if (const auto purged = store_.purge(options_.retention, 500); !purged)
    base::log_warning("Old jobs could not be removed", {{"error", purged.error().message}});
}

void WorkerPool::work(std::stop_token stop) {
  for (;;) {
    std::shared_ptr<Running> job;
    {
      std::unique_lock lock(mutex_);
      if (!handed_.wait(lock, stop, [this] { return !assigned_.empty(); })) return;
      job = std::move(assigned_.front());
      assigned_.pop_front();
    }
    run(job);
    {
      std::lock_guard lock(mutex_);
      std::erase(running_, job);
      is_woken_ = true;  // a hand is free
    }
    finished_.notify_all();
    woken_.notify_one();
  }
}

void WorkerPool::run(const std::shared_ptr<Running>& job) {
  const auto& claim = job->claim;
  const base::LogContext context(trace::log_fields(claim.spec.origin, claim.job_id));
  bool is_handed_back = false;
  {
    std::lock_guard lock(mutex_);
    is_handed_back = job->is_handed_back;
  }
  if (is_handed_back) {
    (void)store_.hand_back(worker_, claim);
    return;
  }
  ++active_;
  const auto begun = now();
  JobTimes times{wall(), {}, {}};
  base::log_info("Job began", {{"job", claim.job_id}, {"repo", claim.spec.full_name}, {"attempt", claim.attempt}});
  const auto progress = [&](const std::string& phase) { (void)store_.note_progress(worker_, claim, phase); };
  const auto analysis =
      claim.spec.url.empty()
          ? Result<Analysis>(
                Error{ErrorKind::Invalid,
                      "analysis failed: the event names no repository. Its body lacks repository.clone_url"})
          : analyzer_.analyse(claim, progress, job->stop.get_token());
  times.analysed = wall();
  publish(*job, analysis);
  --active_;
  times.published = wall();
  tell(*job, analysis, begun, times);
}

void WorkerPool::tell(const Running& job, const Result<Analysis>& analysis, base::Monotonic begun,
                      const JobTimes& times) {
  if (events_.on_published) events_.on_published(job.claim, times);
  bool is_over = false;
  {
    std::lock_guard lock(mutex_);
    is_over = !job.is_handed_back || analysis.is_ok();
  }
  if (is_over && events_.on_finished)
    events_.on_finished(job.claim, analysis, std::chrono::duration_cast<milliseconds>(now() - begun));
}

void WorkerPool::publish(Running& job, const Result<Analysis>& analysis) {
  bool is_timed_out = false, is_handed_back = false;
  {
    std::lock_guard lock(mutex_);
    is_timed_out = job.is_timed_out;
    is_handed_back = job.is_handed_back && !job.is_timed_out;
  }
  Outcome outcome;
  if (analysis) {
    outcome.result = analysis->result;
    outcome.summary = analysis->summary;
  } else if (is_timed_out) {
    outcome.error = "analysis failed: timeout after " + std::to_string(options_.job_limit.count() / 1000) + " s";
  } else {
    outcome.error = analysis.error().message;
  }
  // An unknown outcome is settled by repeating: the second completion finds no claim. Giving up would leave the job
  // with a live owner that does nothing, so only the end of this process ends the tries.
  for (base::Backoff pause({milliseconds(200), 2.0, milliseconds(2000), 0.5});;) {
    const auto stored = !analysis && is_handed_back ? store_.hand_back(worker_, job.claim)
                                                    : store_.complete(worker_, job.claim, outcome);
    if (stored && !*stored) {
      base::log_warning("Job was no longer ours, its outcome was dropped", {{"job", job.claim.job_id}});
      if (events_.on_fenced) events_.on_fenced();
    }
    if (stored) {
      base::log_info("Job ended", {{"job", job.claim.job_id}, {"error", outcome.error}});
      return;
    }
    base::log_warning("Outcome could not be stored", {{"job", job.claim.job_id}, {"error", stored.error().message}});
    if (stored.error().kind == ErrorKind::Invalid && outcome.error.empty())
      outcome = Outcome{"analysis failed: the result could not be stored", {}, {}};
    if (!base::wait_for(stopping_.get_token(), pause.next())) return;
  }
}

}  // namespace cadence::queue
