// Carries the boot gate out: looks at the volume, asks the living nodes, answers callers meanwhile, and sets files
// aside. Promises: a stop ends it at once; while it is shut because something would be lost, nobody gets a word in but
// the reason, and it stays shut until the reason is gone. Does not start the server.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/redis/configuration.hpp"
#include "agent/redis/gate.hpp"
#include "agent/redis/supervisor.hpp"

namespace cadence::agent::redis {

enum class Passage { Open, Stopped, Failed };

class Entrance {
 public:
  // `peers`: names under which other nodes may be found, should the volume know none.
  Entrance(Supervisor& supervisor, Places places, Pod pod, std::vector<std::string> peers)
      : supervisor_(supervisor), places_(std::move(places)), pod_(std::move(pod)), peers_(std::move(peers)) {}

  // What the mounted Secret says; waits while it is gone or emptied, and says so to every caller. None: a stop came
  // first.
  [[nodiscard]] std::optional<Secrets> await_secrets();
  // `damage`: why the server just now could not load its data; empty at the first try.
  Passage pass(const std::string& damage);

 private:
  [[nodiscard]] base::Result<Finding> look_at_volume(const std::string& damage);
  [[nodiscard]] Survey ask() const;
  [[nodiscard]] bool may_give_up(const Finding& finding, const Survey& survey, std::chrono::milliseconds waited) const;
  [[nodiscard]] Passage wait_until_over(const Finding& finding);
  [[nodiscard]] Passage open_after(const Finding& finding) const;
  void ask_heir(const Finding& finding, const Survey& survey, std::chrono::milliseconds waited);

  Supervisor& supervisor_;
  Places places_;
  Pod pod_;
  std::vector<std::string> peers_;
  NodeTable table_;
  std::chrono::milliseconds next_request_{0};
};

// The line in which a server says that it cannot load its data; empty when it ended for another reason.
std::string load_failure(const std::string& last_words);

}  // namespace cadence::agent::redis
