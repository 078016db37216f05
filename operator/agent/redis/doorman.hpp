// Answers in the server's place while it is kept shut: every caller is told why, in the server's own protocol.
// Promises: takes no command, holds no caller and never blocks for long. Does not know why it is shut.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "redis/connection.hpp"

namespace cadence::agent::redis {

class Doorman {
 public:
  Doorman(std::uint16_t port, const std::string& unix_socket);
  // Everybody who waits at the door now.
  void answer_all(const std::string& sentence) const;

 private:
  cadence::redis::Descriptor network_, local_;
};

}  // namespace cadence::agent::redis
