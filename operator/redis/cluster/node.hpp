// One node as the client uses it: its connections that nobody uses now, and whether it is worth asking. Any thread.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "redis/cluster/breaker.hpp"
#include "redis/connection.hpp"

namespace cadence::redis::cluster {

// Asked for each connection, so that a password that was changed is the one that is shown.
using CredentialSource = std::function<base::Result<Credentials>()>;

class Node {
 public:
  Node(Address address, CredentialSource credentials, std::size_t most_idle, BreakerOptions breaker)
      : address_(std::move(address)), credentials_(std::move(credentials)), most_idle_(most_idle), breaker_(breaker) {}

  struct Line {
    Connection connection;
    bool is_fresh = false;  // one that lay idle may have been closed at the other end
  };
  // Transient without a try while the node is kept away from.
  base::Result<Line> take(const Limits& limits);
  // All answers were received.
  void give_back(Line line);
  void note_answer();
  // Opened by others with time to spare, so that the next call need not.
  void lay_by(Connection connection);
  // The line is of no more use. `is_late`: time was over, which is not how an end that was closed shows.
  void note_failure(const Line& line, bool is_late);

  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] bool is_kept_away_from() const;

 private:
  const Address address_;
  const CredentialSource credentials_;
  const std::size_t most_idle_;
  mutable std::mutex mutex_;
  Breaker breaker_;
  std::vector<Connection> idle_;
};

}  // namespace cadence::redis::cluster
