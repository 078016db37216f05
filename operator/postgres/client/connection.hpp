// A small client of PostgreSQL's protocol (version 3.0, simple queries) over a Unix socket, for the agent beside the
// server. Promises: no call outlives its deadline; answers are bounded; an answer belongs to its question: a connection
// that did not answer whole and in time is closed, and all that is asked on it afterwards is Transient. Offers no
// password: the server must accept the operating system user. Knows no TLS and no network.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::postgres {

using Row = std::vector<std::optional<std::string>>;

class Connection {
 public:
  struct Options {
    std::string socket_directory;
    int port = 5432;
    std::string user = "postgres", database = "postgres", application = "cadence-agent";
    std::chrono::milliseconds timeout{2000};  // of connecting, and of each query
    std::size_t answer_limit = 1024 * 1024;
    // Commits of such a session wait for no standby: what the agent writes must succeed before the first standby
    // streams.
    std::string settings = "-c synchronous_commit=local";
  };
  static base::Result<Connection> open(const Options& options);

  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  // The rows of the last statement in `sql`. An error of the server is Invalid (its message and SQLSTATE), starting up
  // is Transient.
  base::Result<std::vector<Row>> query(std::string_view sql);
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  Connection(int fd, const Options& options) : fd_(fd), options_(options) {}
  using Deadline = std::chrono::steady_clock::time_point;
  base::Result<void> send_all(std::string_view bytes, Deadline deadline);
  base::Result<void> receive(char* into, std::size_t size, Deadline deadline);
  struct Message {
    char type = 0;
    std::string body;
  };
  base::Result<Message> next_message(Deadline deadline);
  base::Result<std::vector<Row>> read_answer(Deadline deadline);
  base::Result<void> start(Deadline deadline);
  void close();

  int fd_ = -1;
  Options options_;
};

std::string quote_literal(std::string_view text);     // E'…' where needed, safe with any standard_conforming_strings
std::string quote_identifier(std::string_view name);  // "na""me"

}  // namespace cadence::postgres
