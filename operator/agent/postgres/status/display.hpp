// What this instance says of itself, and that it lives. Promises: a message is logged when it changes; without a server
// nothing is said to accept, write or stream.
#pragma once

#include "agent/postgres/situation.hpp"

namespace cadence::agent::postgres {

class Display {
 public:
  Display(const World& world, Situation& situation, Board& board);

  void show(std::string state, std::string message);
  void refresh();
  void measure_volumes();

 private:
  const World& world_;
  Situation& situation_;
  Board& board_;
  base::Monotonic measured_{};
};

}  // namespace cadence::agent::postgres
