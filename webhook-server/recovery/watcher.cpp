#include "recovery/watcher.hpp"

#include <algorithm>
#include <random>

#include "base/log.hpp"
#include "recovery/notes.hpp"

namespace cadence::recovery {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

base::Monotonic now() { return base::system_clock().monotonic(); }
base::Wall wall() { return base::system_clock().wall(); }

milliseconds jittered(milliseconds span) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  return milliseconds(static_cast<std::int64_t>(static_cast<double>(span.count()) *
                                                std::uniform_real_distribution<>(1.0, 1.2)(random)));
}

milliseconds since(base::Monotonic begin) { return std::chrono::duration_cast<milliseconds>(now() - begin); }

std::vector<Hook> whole(Asked<std::vector<Hook>> asked) { return std::get<std::vector<Hook>>(std::move(asked)); }

}  // namespace

// One look at one hook. `failure` ends it.
struct Watcher::Round {
  Api& api;
  queue::HookTurn turn;
  std::stop_token stop;
  Rules rules;
  Notes notes;
  Counts before;
  base::Monotonic begun = now(), kept = now();
  std::optional<Failure> failure{};
  bool is_unfinished = false;  // there is more to read or to ask for
  bool is_lost = false;
  int pages = 0, look_ups = 0;
  [[nodiscard]] bool is_over() const { return failure.has_value() || is_lost || stop.stop_requested(); }
};

Watcher::Watcher(queue::Ledger& ledger, const Options& options, KeysOf keys_of, WatcherOptions how)
    : ledger_(ledger),
      how_(std::move(how)),
      interval_(seconds(options.interval_seconds)),
      keys_of_(std::move(keys_of)),
      fresh_since_(now()) {
  for (const auto& entry : options.hooks) {
    if (!entry.app_id.empty()) apis_.push_back(std::make_unique<Api>(entry, Place{Place::Kind::App, entry.app_id}));
    for (const auto& pattern : entry.of) apis_.push_back(std::make_unique<Api>(entry, place_of(pattern)));
  }
  for (const auto& api : apis_) state_.hooks.push_back({api->name(), std::string(api->provider().name), {}});
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Watcher::~Watcher() { stop(); }

void Watcher::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

WatcherState Watcher::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void Watcher::hurry() {
  {
    const std::lock_guard lock(mutex_);
    is_hurried_ = true;
  }
  woken_.notify_all();
}

void Watcher::run(const std::stop_token& stop) {
  for (wait(stop); !stop.stop_requested(); wait(stop)) {
    for (const auto& api : apis_)
      if (!stop.stop_requested()) look(*api, stop);
    publish();
  }
}

void Watcher::wait(const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, jittered(how_.poll), [this] { return is_hurried_; });
    if (std::exchange(is_hurried_, false)) catch_up();
  }
  if (!once_more_at_ || now() < *once_more_at_) return;
  once_more_at_.reset();
  fresh_since_ = now();
}

// What is being refused just now is listed when its try is over.
void Watcher::catch_up() {
  fresh_since_ = now();
  once_more_at_ = fresh_since_ + how_.soon;
}

// A turn that the store could not take back lies there for its whole lease: nobody would look meanwhile.
bool Watcher::give_back(const Api& api) {
  const auto left = unreturned_.find(api.name());
  if (left == unreturned_.end()) return true;
  if (!ledger_.finish(left->second, milliseconds(0))) return false;
  unreturned_.erase(left);
  return true;
}

void Watcher::look(Api& api, const std::stop_token& stop) {
  if (!give_back(api)) return;
  auto taken = ledger_.take(api.name(), how_.lease, since(fresh_since_));
  if (!taken) {
    if (!is_away_) base::log_warning("Hooks are not watched", {{"error", taken.error().message}});
    is_away_ = true;
    return;
  }
  // What was sent meanwhile was refused: whoever sees the store first looks, and not all.
  if (std::exchange(is_away_, false)) {
    catch_up();
    if (!*taken) return look(api, stop);
  }
  if (!*taken) return;
  const auto rules = how_.rules.value_or(api.provider().rules);
  auto notes = notes_of((*taken)->notes);
  const auto before = notes.counts;
  Round round{api, std::move(**taken), stop, rules, std::move(notes), before};
  work(round);
  finish(round);
}

void Watcher::work(Round& round) {
  round.notes.listed = 0;
  auto asked = round.api.hooks(round.stop);
  if (auto* failed = std::get_if<Failure>(&asked)) {
    round.failure = std::move(*failed);
    return;
  }
  const auto hooks = whole(std::move(asked));
  std::string problem;
  for (const auto& hook : hooks) {
    if (!round.is_over()) read_hook(round, hook);
    if (!hook.asleep.empty()) problem = hook.asleep;
    else if (!hook.sends_pushes) problem = "its hook does not send pushes: choose them there";
  }
  if (!round.is_over()) recheck(round);
  if (!round.is_over()) ask(round);
  if (!round.failure && !problem.empty()) round.failure = Failure{problem};
}

void Watcher::read_hook(Round& round, const Hook& hook) {
  auto& reading = round.notes.readings[hook.id];
  auto cursor = reading.cursor;
  const bool may_skip = cursor.empty() && round.notes.gaps.empty() && reading.newest > 0;
  while (!round.is_over()) {
    if (round.pages >= how_.most_pages || since(round.begun) > how_.limit) {
      reading.cursor = cursor;
      round.is_unfinished = true;
      return;
    }
    auto asked = round.api.page(hook.id, cursor, may_skip, round.stop);
    if (std::holds_alternative<Unchanged>(asked)) return;
    if (auto* failed = std::get_if<Failure>(&asked)) {
      // A place in the list that is not known any more: the next round begins with the newest.
      if (failed->is_of_one) reading.cursor.clear();
      round.failure = std::move(*failed);
      return;
    }
    auto& page = std::get<Page>(asked);
    ++round.pages;
    round.notes.listed += static_cast<std::int64_t>(page.rows.size());
    for (const auto& row : page.rows) {
      if (!cursor.empty() && reading.next > 0) break;
      if (row.id > reading.next) std::tie(reading.next, reading.next_at) = std::pair(row.id, row.at);
    }
    const bool is_end = page.cursor.empty() || is_read(reading, page.rows, wall(), round.rules);
    if (!take_in(round, hook.id, std::move(page.rows))) return;
    keep(round, false);
    cursor = page.cursor;
    if (!is_end) continue;
    reading = {std::max(reading.newest, reading.next), std::max(reading.newest_at, reading.next_at), {}, 0, {}};
    return;
  }
}

// False: there was no room, or no answer from the store.
bool Watcher::take_in(Round& round, std::int64_t hook, std::vector<Attempt> rows) {
  find_repositories(round, hook, rows);
  if (round.is_over()) return false;
  const auto known = known_of(round, rows);
  if (!known) {
    round.failure = Failure{known.error().message};
    return false;
  }
  const bool has_room = note_attempts(round.notes, hook, rows, *known, wall(), round.rules);
  if (!has_room) round.is_unfinished = true;
  return has_room;
}

// The list names repositories by numbers, the ledger by names: one try of each tells.
void Watcher::find_repositories(Round& round, std::int64_t hook, std::vector<Attempt>& rows) {
  constexpr std::size_t kMostNames = 10000;
  for (auto& row : rows) {
    if (row.delivery.empty() || !row.repository.empty() || row.repository_id == 0) continue;
    auto name = repositories_.find(row.repository_id);
    if (name == repositories_.end() && round.look_ups < how_.most_look_ups && !round.is_over()) {
      ++round.look_ups;
      auto asked = round.api.repository_of(hook, row.id, round.stop);
      if (auto* failed = std::get_if<Failure>(&asked)) {
        if (!failed->is_of_one) round.failure = std::move(*failed);
        continue;
      }
      if (repositories_.size() >= kMostNames) repositories_.clear();
      name = repositories_.emplace(row.repository_id, std::get<std::string>(asked)).first;
    }
    if (name != repositories_.end()) row.repository = name->second;
  }
}

base::Result<std::set<std::string>> Watcher::known_of(const Round& round, const std::vector<Attempt>& rows) {
  std::map<std::string, std::string> deliveries;  // by key
  const auto add = [&](const std::string& repository, const std::string& delivery) {
    if (repository.empty()) return;
    for (auto& key : keys_of_(round.api.provider(), repository, delivery)) deliveries[std::move(key)] = delivery;
  };
  for (const auto& row : rows)
    if (!row.delivery.empty()) add(row.repository, row.delivery);
  for (const auto& [delivery, gap] : round.notes.gaps) add(gap.repository, delivery);
  std::vector<std::string> keys;
  for (const auto& [key, delivery] : deliveries) keys.push_back(key);
  const auto found = ledger_.known(keys);
  if (!found) return found.error();
  std::set<std::string> known;
  for (const auto& key : *found) known.insert(deliveries[key]);
  return known;
}

void Watcher::recheck(Round& round) {
  if (!take_in(round, 0, {})) return;
  for (const auto& delivery : give_up(round.notes, wall(), round.rules)) {
    const auto& gaps = round.notes.gaps;
    const auto gap = gaps.find(delivery);
    base::log_warning("A delivery was given up",
                      {{"hook", round.api.name()},
                       {"delivery", delivery},
                       {"asked", gap == gaps.end() ? 0 : gap->second.times},
                       {"answered", gap == gaps.end() ? 0 : gap->second.status},
                       {"next", "look at its answer in the provider's list of deliveries, and send it again there"}});
  }
}

void Watcher::ask(Round& round) {
  const auto every = how_.ask_every.value_or(round.api.provider().ask_every);
  int asked = 0;
  for (const auto& delivery : due(round.notes, wall(), round.rules)) {
    if (asked >= how_.most_asks || since(round.begun) > how_.limit) {
      round.is_unfinished = true;
      return;
    }
    if (asked++ > 0 && !base::wait_for(round.stop, every)) return;
    const auto gap = round.notes.gaps.at(delivery);
    // Known before it is asked for: whether a request that got no answer was done is known to nobody.
    note_asked(round.notes, delivery, wall());
    keep(round, true);
    if (round.is_over()) return take_back(round.notes, delivery, gap);
    auto answer = round.api.ask_again(gap.hook, gap.attempt, round.stop);
    auto* failed = std::get_if<Failure>(&answer);
    if (failed == nullptr) continue;
    if (!failed->is_of_one) {
      if (!failed->is_unanswered) take_back(round.notes, delivery, gap);
      round.failure = std::move(*failed);
      return;
    }
    base::log_warning("A delivery was not sent again",
                      {{"hook", round.api.name()}, {"delivery", delivery}, {"reason", failed->reason}});
  }
}

// What was asked for is known to whoever looks next, also where this replica is killed.
void Watcher::keep(Round& round, bool is_needed) {
  if (!is_needed && since(round.kept) < how_.lease / 6) return;
  round.turn.notes = text_of(round.notes);
  const auto kept = ledger_.keep(round.turn, how_.lease);
  if (!kept) round.failure = Failure{kept.error().message};
  else if (!*kept) round.is_lost = true;
  round.kept = now();
}

void Watcher::finish(Round& round) {
  auto& notes = round.notes;
  if (round.is_lost) return;
  const bool is_stopped = round.stop.stop_requested();
  auto wait = jittered(interval_);
  if (open_gaps(notes) > 0) wait = std::min(wait, jittered(how_.soon));
  if (round.is_unfinished || is_stopped) wait = std::min(wait, how_.at_once);
  if (round.failure && !is_stopped) wait = jittered(round.failure->wait.value_or(seconds(0)));
  if (round.failure && !round.failure->wait && !is_stopped) wait = jittered(interval_);
  if (const auto rest = round.api.rest()) wait = std::max<milliseconds>(wait, *rest);
  if (!is_stopped) {
    notes.problem = round.failure ? round.failure->reason : "";
    notes.looked_at = wall();
  }
  round.turn.notes = text_of(notes);
  const auto finished = ledger_.finish(round.turn, wait);
  if (!finished) {
    base::log_warning("What was found at a hook could not be noted", {{"error", finished.error().message}});
    unreturned_.insert_or_assign(round.api.name(), round.turn);
    is_away_ = true;
  }
  const auto& before = round.before;
  const auto& after = notes.counts;
  const auto line = round.failure && !is_stopped ? base::log_warning : base::log_info;
  line("Deliveries compared", {{"hook", round.api.name()},
                               {"listed", notes.listed},
                               {"missing", after.missing - before.missing},
                               {"asked", after.asked - before.asked},
                               {"came_back", after.came_back - before.came_back},
                               {"open", static_cast<std::int64_t>(open_gaps(notes))},
                               {"problem", notes.problem}});
  const std::lock_guard lock(mutex_);
  auto& counts = state_.by_provider[std::string(round.api.provider().name)];
  ++counts.rounds;
  if (round.failure && !is_stopped) ++counts.failed;
  counts.missing += static_cast<std::uint64_t>(after.missing - before.missing);
  counts.asked += static_cast<std::uint64_t>(after.asked - before.asked);
  counts.came_back += static_cast<std::uint64_t>(after.came_back - before.came_back);
  counts.given_up += static_cast<std::uint64_t>(after.given_up - before.given_up);
}

void Watcher::publish() {
  const auto records = ledger_.records();
  if (!records) return;
  const std::lock_guard lock(mutex_);
  for (auto& hook : state_.hooks)
    for (const auto& record : *records)
      if (record.hook == hook.name) hook.notes = notes_of(record.notes);
}

}  // namespace cadence::recovery
