#include "queue/intake.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace cadence::queue {

using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kRemembered = 65536;  // keys; about 10 MB where there is a spool

std::size_t size_of(const Delivery& delivery) {
  const auto& spec = delivery.spec;
  std::size_t bytes = sizeof(Delivery) + delivery.key.size() + delivery.body_key.size();
  for (const auto* text :
       {&spec.url, &spec.repo, &spec.full_name, &spec.branch, &spec.commit, &spec.author, &spec.origin})
    bytes += text->size();
  return bytes;
}

base::BackoffOptions pauses(const IntakeOptions& options) {
  return {options.retry_pause, 1.5, options.retry_pause * 5, 0.5};
}

}  // namespace

Intake::Intake(Store& store, IntakeOptions options, std::function<void()> on_queued, Spool* spool,
               std::function<void()> on_back)
    : store_(store),
      options_(options),
      on_queued_(std::move(on_queued)),
      on_back_(std::move(on_back)),
      spool_(spool),
      pause_(pauses(options)),
      recent_(kRemembered) {
  watcher_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
  if (spool_ != nullptr) spooler_ = std::jthread([this](const std::stop_token& stop) { spool_loop(stop); });
  for (int i = 0; i < options_.writers; ++i)
    writers_.emplace_back([this](const std::stop_token& stop) { write_loop(stop); });
}

Intake::~Intake() { stop(); }

bool Intake::submit(Delivery delivery, Answer answer) {
  const bool is_asked = is_asked_for(delivery.spec);
  const auto bytes = size_of(delivery);
  bool is_first = false, is_writer_called = false;
  {
    std::lock_guard lock(mutex_);
    forget_answered();
    make_room();
    if (is_stopped_ || held_ >= options_.waiting || bytes_ + bytes > options_.bytes) return false;
    if (is_asked && asked_ >= options_.asked) return false;
    if (is_asked) ++asked_;
    ++held_;
    bytes_ += bytes;
    const auto deadline = base::system_clock().monotonic() + options_.ack_deadline;
    waiting_.push_back(std::make_shared<Held>(
        Held{std::move(delivery), std::move(answer), deadline, next_number_++, bytes, is_asked, Stage::Waiting}));
    is_first = watched_.empty();
    watched_.push_back(waiting_.back());
    const auto wanted = call();
    is_writer_called = wanted == Call::Watch || (wanted == Call::Begin && !std::exchange(is_called_, true));
  }
  if (is_writer_called) arrived_.notify_one();
  if (is_first) watching_.notify_one();
  return true;
}

void Intake::stop() {
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  for (auto& writer : writers_) writer.request_stop();
  for (auto& writer : writers_)
    if (writer.joinable()) writer.join();
  for (auto* thread : {&watcher_, &spooler_}) {
    thread->request_stop();
    if (thread->joinable()) thread->join();
  }
  leave_behind();
}

IntakeCounts Intake::counts() const {
  std::lock_guard lock(mutex_);
  return {held_, spooled_, spool_refused_};
}

// Those that are through take no room, wherever they still stand in line.
void Intake::forget_answered() {
  while (!watched_.empty() && !watched_.front()->answer) watched_.pop_front();
  while (!limited_.empty() && !limited_.front()->answer) limited_.pop_front();
  while (!waiting_.empty() && (!waiting_.front()->answer || waiting_.front()->stage == Stage::Spooling))
    waiting_.pop_front();
}

Intake::Answer Intake::take_answer(Held& held, const std::string* job_id) {
  if (!held.answer) return {};
  --held_;
  bytes_ -= held.bytes;
  if (held.is_asked) --asked_;
  if (spool_ != nullptr && job_id != nullptr) recent_.note(held.delivery, *job_id);
  held.delivery = {};
  return std::exchange(held.answer, nullptr);
}

void Intake::settle(const Entry& entry, base::Result<Accepted> accepted) {
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    answer = take_answer(*entry, accepted ? &accepted->job_id : nullptr);
  }
  if (answer) answer(std::move(accepted));
}

void Intake::settle(const Batch& batch, const std::vector<Accepted>& accepted) {
  std::vector<Answer> answers;
  answers.reserve(batch.size());
  {
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < batch.size(); ++i) answers.push_back(take_answer(*batch[i], &accepted[i].job_id));
  }
  for (std::size_t i = 0; i < batch.size(); ++i)
    if (answers[i]) answers[i](accepted[i]);
}

// Statements cost by their number more than by their rows, so those that arrive while one is under way go together.
Intake::Call Intake::call() const {
  if (waiting_.empty()) return Call::Sleep;
  if (health_ != Health::Up) return is_alone_ ? Call::Sleep : Call::Begin;
  if (turns_ == 0 || waiting_.size() >= std::max<std::size_t>(options_.batch / 2, 1)) return Call::Begin;
  return is_watched_ ? Call::Sleep : Call::Watch;
}

void Intake::wait_for_turn(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    is_called_ = false;
    const auto wanted = call();
    if (wanted == Call::Begin) return;
    if (wanted == Call::Sleep) {
      arrived_.wait(lock, stop, [this] { return call() != Call::Sleep; });
      continue;
    }
    is_watched_ = true;
    arrived_.wait_until(lock, stop, joins_at(), [this] { return call() == Call::Begin || waiting_.empty(); });
    is_watched_ = false;
    const bool may_join = health_ == Health::Up && !waiting_.empty();
    if (may_join && base::system_clock().monotonic() >= joins_at()) return;
  }
}

base::Monotonic Intake::joins_at() const {
  return waiting_.front()->deadline - options_.ack_deadline + options_.join_after;
}

Intake::Turn Intake::begin_turn(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  Turn turn;
  wait_for_turn(lock, stop);
  if (stop.stop_requested()) return turn;
  while (!waiting_.empty() && turn.batch.size() < options_.batch) {
    auto entry = std::move(waiting_.front());
    waiting_.pop_front();
    if (!entry->answer || entry->stage == Stage::Spooling) continue;
    entry->stage = Stage::UnderWay;
    turn.batch.push_back(std::move(entry));
  }
  if (turn.batch.empty()) return turn;
  ++turns_;
  if (health_ != Health::Up) turn.is_alone = is_alone_ = true;
  return turn;
}

void Intake::end_turn(const Turn& turn) {
  {
    std::lock_guard lock(mutex_);
    --turns_;
    if (!turn.is_alone) return;
    is_alone_ = false;
    if (health_ == Health::CatchingUp && waiting_.empty()) health_ = Health::Up;
  }
  arrived_.notify_all();
}

void Intake::write_loop(const std::stop_token& stop) {
  const auto acceptor = store_.open_acceptor();
  while (!stop.stop_requested()) {
    auto turn = begin_turn(stop);
    if (turn.batch.empty()) continue;
    write(*acceptor, turn, stop);
    end_turn(turn);
  }
}

// What was answered meanwhile is dropped from the batch.
std::vector<Delivery> Intake::living(Batch& batch) const {
  std::lock_guard lock(mutex_);
  std::erase_if(batch, [](const Entry& entry) { return !entry->answer; });
  std::vector<Delivery> deliveries;
  deliveries.reserve(batch.size());
  for (const auto& entry : batch) deliveries.push_back(entry->delivery);
  return deliveries;
}

// A statement has its time whatever the deadlines of the deliveries: those are for the watch, and a statement that is
// broken off for its oldest delivery takes the others with it.
void Intake::write(Acceptor& acceptor, Turn& turn, const std::stop_token& stop) {
  const auto deliveries = living(turn.batch);
  if (deliveries.empty()) return;
  const auto accepted = acceptor.accept(deliveries, options_.statement_limit);
  if (!accepted && accepted.error().kind == ErrorKind::Transient) return note_away(turn, accepted.error(), stop);
  note_taken();  // or refused for good, which is an answer too
  if (!accepted && turn.batch.size() > 1) return write_singly(acceptor, turn, stop);
  if (!accepted) return settle(turn.batch.front(), accepted.error());
  if (accepted->size() == turn.batch.size()) settle(turn.batch, *accepted);
  else
    for (const auto& entry : turn.batch)
      settle(entry, Error{ErrorKind::Bug, "The store answered another number of deliveries than it was given"});
  if (on_queued_) on_queued_();
}

// One row the store refuses must not take its neighbours with it.
void Intake::write_singly(Acceptor& acceptor, Turn& turn, const std::stop_token& stop) {
  const auto is_away = [this] {
    std::lock_guard lock(mutex_);
    return health_ == Health::Away;
  };
  for (auto entry = turn.batch.begin(); entry != turn.batch.end(); ++entry) {
    if (stop.stop_requested() || is_away()) return put_back({entry, turn.batch.end()});
    Turn single{{*entry}, turn.is_alone};
    write(acceptor, single, stop);
    turn.is_alone = single.is_alone;
  }
}

void Intake::put_back(const Batch& batch) {
  std::lock_guard lock(mutex_);
  Batch unanswered;
  for (const auto& entry : batch) {
    if (!entry->answer || entry->stage == Stage::Spooling) continue;
    entry->stage = Stage::Waiting;
    unanswered.push_back(entry);
  }
  waiting_.insert(waiting_.begin(), unanswered.begin(), unanswered.end());
  std::inplace_merge(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(unanswered.size()),
                     waiting_.end(), [](const Entry& a, const Entry& b) { return a->number < b->number; });
}

// Whoever is first to see it looks for the store alone, at growing intervals: many replicas that all come back with all
// their connections are what a database that has just started bears least.
void Intake::note_away(Turn& turn, const Error& why, const std::stop_token& stop) {
  put_back(turn.batch);
  milliseconds pause{};
  {
    std::lock_guard lock(mutex_);
    if (health_ == Health::Up) {
      base::log_warning("Deliveries could not be stored yet", {{"held", held_}, {"error", why.message}});
      pause_.reset();
    }
    health_ = Health::Away;
    if (is_alone_ && !turn.is_alone) return;
    turn.is_alone = is_alone_ = true;
    pause = pause_.next();
  }
  base::wait_for(stop, pause);
}

void Intake::note_taken() {
  bool is_back = false;
  {
    std::lock_guard lock(mutex_);
    is_back = health_ == Health::Away;
    if (is_back) {
      health_ = Health::CatchingUp;
      base::log_info("The job store takes deliveries again", {{"held", held_}});
    }
  }
  if (is_back && on_back_) on_back_();
}

}  // namespace cadence::queue
