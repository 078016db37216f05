// Looks at each hook in turn: reads what its provider has sent, compares that with the ledger, and asks for what is
// missing. Promises: one replica looks at a hook at a time, and what one has asked for the others know; at the start,
// after the store was away, and then at an interval; a round is bounded in pages, in what it asks for and in time; what
// went wrong at one hook holds up no other for long; a line in the log for each round. Ends soon after stop(). Never
// needed for correctness: what is sent twice is taken once.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "queue/ledger.hpp"
#include "recovery/api.hpp"
#include "recovery/options.hpp"

namespace cadence::recovery {

// The keys under which the ledger may have a delivery.
using KeysOf = std::function<std::vector<std::string>(const Provider&, const std::string& repository,
                                                      const std::string& delivery)>;

struct WatcherOptions {
  std::chrono::milliseconds poll{5000};
  std::chrono::milliseconds lease{90000};   // of a turn; renewed while the round lasts
  std::chrono::milliseconds limit{240000};  // of a round
  std::chrono::milliseconds soon{30000};    // the next round, where something is missing
  std::chrono::milliseconds at_once{1000};  // where a round came to its bounds
  int most_pages = 50;
  int most_asks = 100;
  int most_look_ups = 50;                                // of tries whose repository the list does not say
  std::optional<std::chrono::milliseconds> ask_every{};  // instead of the provider's
  std::optional<Rules> rules{};                          // the same
};

// What this replica has done, by provider.
struct WatcherCounts {
  std::uint64_t rounds = 0, failed = 0, missing = 0, asked = 0, came_back = 0, given_up = 0;
};

// One watched hook, as whoever looked last left it.
struct HookState {
  std::string name, provider;
  Notes notes;
};

struct WatcherState {
  std::map<std::string, WatcherCounts> by_provider;
  std::vector<HookState> hooks;  // in the order of the configuration
};

class Watcher {
 public:
  Watcher(queue::Ledger& ledger, const Options& options, KeysOf keys_of, WatcherOptions how = {});
  ~Watcher();

  void hurry();  // something may have been refused until now: looks at once, and once more when all of it is listed
  void stop();
  // Of all replicas, as of a moment ago.
  [[nodiscard]] WatcherState state() const;

 private:
  struct Round;
  void run(const std::stop_token& stop);
  void wait(const std::stop_token& stop);
  void catch_up();
  bool give_back(const Api& api);
  void look(Api& api, const std::stop_token& stop);
  void work(Round& round);
  void read_hook(Round& round, const Hook& hook);
  bool take_in(Round& round, std::int64_t hook, std::vector<Attempt> rows);
  void find_repositories(Round& round, std::int64_t hook, std::vector<Attempt>& rows);
  base::Result<std::set<std::string>> known_of(const Round& round, const std::vector<Attempt>& rows);
  void recheck(Round& round);
  void ask(Round& round);
  void keep(Round& round, bool is_needed);
  void finish(Round& round);
  void publish();

  queue::Ledger& ledger_;
  WatcherOptions how_;
  std::chrono::milliseconds interval_;
  KeysOf keys_of_;
  std::vector<std::unique_ptr<Api>> apis_;
  std::map<std::int64_t, std::string> repositories_;  // by their ids
  base::Monotonic fresh_since_;                       // a look that began later tells all
  std::optional<base::Monotonic> once_more_at_{};
  bool is_away_ = false;
  std::map<std::string, queue::HookTurn> unreturned_;  // by hook

  mutable std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_hurried_ = false;
  WatcherState state_;
  std::jthread thread_;
};

}  // namespace cadence::recovery
