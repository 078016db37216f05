#include "feedback/sender.hpp"

#include <algorithm>
#include <optional>

#include "base/log.hpp"
#include "trace/origin.hpp"

namespace cadence::feedback {

using queue::OwedStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

base::Monotonic now() { return base::system_clock().monotonic(); }

milliseconds nth(const base::BackoffOptions& options, int attempt) {
  base::Backoff backoff(options);
  milliseconds wait{0};
  constexpr int kGrown = 32;  // far beyond the cap
  for (int i = 0; i < std::clamp(attempt, 1, kGrown); ++i) wait = backoff.next();
  return wait;
}

}  // namespace

Sender::Sender(queue::Outbox& outbox, const Options& options, PageOf page_of, SenderOptions how)
    : outbox_(outbox), how_(how), page_of_(std::move(page_of)) {
  for (const auto& account : options.accounts) {
    accounts_.push_back(std::make_unique<Account>(account));
    paces_.emplace(accounts_.back().get(), Pace{{}, base::Backoff(how_.rest), false});
  }
  for (int i = 0; i < how_.hands; ++i) threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  threads_.emplace_back([this](const std::stop_token& stop) { tidy(stop); });
}

Sender::~Sender() { stop(); }

void Sender::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_all();
}

void Sender::stop() {
  for (auto& thread : threads_) thread.request_stop();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
  // Claimed and not begun: another replica shall not wait for the lease.
  for (const auto& left : std::exchange(claimed_, {})) put_off(left.owed, milliseconds(0), false);
}

SenderState Sender::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Sender::work(const std::stop_token& stop) {
  while (auto work = next(stop)) handle(*work, stop);
}

// One of those that have nothing to do claims for all of them, no more than they can begin at once.
std::optional<Sender::Work> Sender::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  ++idle_;
  while (!stop.stop_requested()) {
    if (!claimed_.empty()) {
      --idle_;
      auto work = std::move(claimed_.front());
      claimed_.pop_front();
      return work;
    }
    if (is_claiming_) changed_.wait(lock, stop, [this] { return !claimed_.empty() || !is_claiming_; });
    else claim(lock, stop);
  }
  --idle_;
  return std::nullopt;
}

void Sender::claim(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  is_claiming_ = true;
  const int room = idle_;
  lock.unlock();
  const auto asked_at = now();
  auto claimed = outbox_.claim(room, how_.lease);
  if (!claimed) base::log_warning("Statuses could not be claimed", {{"error", claimed.error().message}});
  lock.lock();
  if (claimed)
    for (auto& owed : *claimed) claimed_.push_back({std::move(owed), asked_at});
  // Who waits for the next time keeps the turn, so that one of us asks and not all.
  if (claimed_.empty()) {
    woken_.wait_for(lock, stop, how_.poll, [this] { return is_woken_; });
    is_woken_ = false;
  }
  is_claiming_ = false;
  changed_.notify_all();
}

// Of what a provider says nothing goes into a span: it may be about the repository.
std::string error_of(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::Taken:
      return "";
    case Answer::Kind::Later:
      return "not taken yet";
    case Answer::Kind::Never:
      break;
  }
  return "refused";
}

// The call is a span of the delivery's trace, and the provider is told which.
Answer Sender::tell(Account& account, const OwedStatus& owed, milliseconds limit, const std::stop_token& stop) {
  const auto page = page_of_(owed.job_id);
  const auto origin = trace::read_origin(owed.spec.origin);
  if (how_.spans == nullptr || !origin.context || !origin.context->is_sampled)
    return account.tell(owed, page, limit, stop);
  auto told = owed;
  const auto self = trace::child_of(*origin.context);
  told.spec.origin = trace::to_text({self, origin.delivery});
  const auto begun = base::system_clock().wall();
  auto answer = account.tell(told, page, limit, stop);
  how_.spans->add({self,
                   origin.context->span_id,
                   "feedback",
                   trace::Kind::Client,
                   begun,
                   base::system_clock().wall(),
                   error_of(answer),
                   {{"cadence.job", owed.job_id},
                    {"cadence.provider", std::string(account.forge().name)},
                    {"cadence.status", std::string(queue::to_string(owed.status))}}});
  return answer;
}

void Sender::handle(const Work& work, const std::stop_token& stop) {
  const auto& owed = work.owed;
  const base::LogContext context(trace::log_fields(owed.spec.origin, owed.job_id));
  auto* account = account_of(accounts_, owed.spec);
  if (account == nullptr) return give_up(owed, owed.spec.event_type, "webhook.feedback has no entry for it any more");
  if (const auto rest = rest_of(*account); rest.count() > 0) return put_off(owed, rest, false);
  const auto left = std::chrono::duration_cast<milliseconds>(work.claimed_at + how_.lease / 2 - now());
  if (left.count() <= 0) return put_off(owed, milliseconds(0), false);
  const auto answer = tell(*account, owed, std::min(how_.limit, left), stop);
  if (answer.kind == Answer::Kind::Later && stop.stop_requested()) return put_off(owed, milliseconds(0), false);
  note(*account, work, answer);
}

void Sender::note(Account& account, const Work& work, const Answer& answer) {
  const auto& owed = work.owed;
  const auto provider = std::string(account.forge().name);
  if (!answer.is_for_all) end_rest(account);
  if (answer.kind == Answer::Kind::Never) return give_up(owed, provider, answer.reason);
  if (answer.kind == Answer::Kind::Taken) {
    settle(owed, answer.remote.empty() ? owed.remote : answer.remote);
    const std::lock_guard lock(mutex_);
    ++state_.by_provider[provider].sent;
    return;
  }
  if (owed.age > how_.give_up_after) return give_up(owed, provider, answer.reason);
  auto wait = std::max<milliseconds>(nth(how_.retry, owed.attempt), answer.wait.value_or(seconds(0)));
  if (answer.wait && !answer.is_for_all) wait = *answer.wait;
  if (answer.is_for_all) {
    const auto rest = begin_rest(account, answer);
    base::log_warning("Statuses wait", {{"provider", provider},
                                        {"api", account.api_url()},
                                        {"seconds", rest.count() / 1000},
                                        {"reason", answer.reason}});
    wait = answer.wait ? rest : std::max(wait, rest);
  }
  {
    const std::lock_guard lock(mutex_);
    ++state_.by_provider[provider].retried;
  }
  put_off(owed, wait, true);
}

milliseconds Sender::rest_of(const Account& account) {
  const std::lock_guard lock(mutex_);
  auto& pace = paces_.at(&account);
  const auto rest = std::chrono::ceil<milliseconds>(pace.until - now());
  if (rest.count() > 0) return rest;
  // The first one after a rest finds out; the others wait until it has.
  if (pace.is_resting) pace.until = now() + how_.limit;
  return milliseconds(0);
}

milliseconds Sender::begin_rest(const Account& account, const Answer& answer) {
  const std::lock_guard lock(mutex_);
  auto& pace = paces_.at(&account);
  const auto grown = pace.rest.next();
  const auto rest = answer.wait ? std::chrono::duration_cast<milliseconds>(*answer.wait) : grown;
  pace.is_resting = true;
  pace.until = now() + rest;
  return rest;
}

void Sender::end_rest(const Account& account) {
  const std::lock_guard lock(mutex_);
  paces_.at(&account) = {{}, base::Backoff(how_.rest), false};
}

void Sender::put_off(const OwedStatus& owed, milliseconds wait, bool is_attempt) {
  if (const auto moved = outbox_.put_off(owed, wait, is_attempt); !moved)
    base::log_warning("A status could not be put off", {{"job", owed.job_id}, {"error", moved.error().message}});
}

// What cannot be settled comes again when its lease is over, and is told once more.
void Sender::settle(const OwedStatus& owed, const std::string& remote) {
  if (const auto settled = outbox_.settle(owed, remote); !settled)
    base::log_warning("A status could not be settled", {{"job", owed.job_id}, {"error", settled.error().message}});
}

void Sender::give_up(const OwedStatus& owed, std::string_view provider, const std::string& why) {
  base::log_warning("A status was given up", {{"provider", provider},
                                              {"job", owed.job_id},
                                              {"repository", owed.spec.full_name},
                                              {"commit", owed.spec.commit},
                                              {"status", queue::to_string(owed.status)},
                                              {"attempts", owed.attempt},
                                              {"reason", why}});
  settle(owed, owed.remote);
  const std::lock_guard lock(mutex_);
  ++state_.by_provider[std::string(provider)].given_up;
}

void Sender::tidy(const std::stop_token& stop) {
  // Once at the start for as long as a roll-out may have gone back, then for what older servers beside this one end.
  seconds window = how_.give_up_after;
  do {
    if (const auto caught = outbox_.catch_up(window); caught)
      window = std::chrono::duration_cast<seconds>(3 * how_.tidy_every) + seconds(60);
    if (const auto counted = outbox_.state(); counted) {
      const std::lock_guard lock(mutex_);
      state_.outbox = *counted;
    }
  } while (base::wait_for(stop, how_.tidy_every / 4));
}

}  // namespace cadence::feedback
