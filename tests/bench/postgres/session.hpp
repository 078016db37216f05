// One connection to PostgreSQL that never waits longer than it was told to: libpq without blocking, with deadlines of
// our own. Promises: nothing here hangs on a silent peer; TLS with verify-full and no fallback. A session belongs to
// one thread.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "job.hpp"

namespace ledger {

// Who answers: the instance's cluster_name, its timeline, its address.
struct Backend {
  std::string instance, timeline, address;
  bool operator==(const Backend&) const = default;
};

struct Answer {
  enum class Kind { Done, Refused, Unknown };
  Kind kind = Kind::Unknown;
  std::string state;    // SQLSTATE, or a word of our own where the server said nothing
  std::string message;  // first line
};

using OnNotice = std::function<void(const std::string& state, const std::string& message)>;

// Where the database may be reached: a client that knows every instance asks one after the other.
class Targets {
 public:
  explicit Targets(std::vector<std::string> addresses) : addresses_(std::move(addresses)) {}
  void replace(std::vector<std::string> addresses) {
    const std::lock_guard lock(mutex_);
    if (!addresses.empty()) addresses_ = std::move(addresses);
  }
  std::string next() {
    const std::lock_guard lock(mutex_);
    return addresses_[turn_++ % addresses_.size()];
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> addresses_;
  std::size_t turn_ = 0;
};

class Session {
 public:
  // Starts to connect and returns at once. `root_file` is a path that libpq can read the CA from.
  Session(const Job& job, const std::string& address, const std::string& root_file, OnNotice on_notice);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // While opening: what to poll for, and what to do when it came or the deadline passed. False: failed, see problem().
  int socket() const { return PQsocket(connection_.get()); }
  short events() const { return events_; }
  bool advance(Clock::time_point now);
  bool is_open() const { return stage_ == Stage::Open; }
  Clock::time_point deadline() const { return deadline_; }
  const std::string& problem() const { return problem_; }

  const Backend& backend() const { return backend_; }

  // One simple query that returns nothing, and its outcome: in the simple protocol CommandComplete is sent after the
  // commit.
  Answer execute(const std::string& sql, milliseconds limit);
  // One simple query that returns rows; empty with `problem()` set when it failed.
  using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;
  std::optional<Rows> rows(const std::string& sql, milliseconds limit);

 private:
  enum class Stage { Connecting, Introducing, Open, Failed };

  bool fail(std::string why);
  bool introduce();
  bool read_introduction();
  // Waits for the query's next result; nothing when the deadline passed or the connection is broken.
  bool await_result(Clock::time_point deadline);
  std::string last_words() const;

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, PQfinish};
  OnNotice on_notice_;
  Stage stage_ = Stage::Connecting;
  short events_ = 0;
  Clock::time_point deadline_;
  Backend backend_;
  std::string problem_;
};

// Tries until one is open, two attempts overlapping: an attempt that meets a dead node delays the next by half its
// limit only. Nothing when `should_stop` said so. Each failure is told to `on_failure`.
std::unique_ptr<Session> open_session(const Job& job, Targets& targets, const std::string& root_file,
                                      const OnNotice& on_notice, const std::function<bool()>& should_stop,
                                      const std::function<void(const std::string&)>& on_failure);

}  // namespace ledger
