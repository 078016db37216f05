// What the ledger is told to do: one JSON document on one line of standard input, so that no secret stands on a command
// line.
#pragma once

#include <chrono>
#include <string>

#include "json/value.hpp"

namespace ledger {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, as time.monotonic() of the drivers
using std::chrono::milliseconds;

struct Job {
  std::string mode = "write";  // write | check
  std::string address;         // a Service's address, or one pod's; more come by `addresses` while it writes
  std::string server_name;     // what its certificate must name
  int port = 5432;
  std::string user, password, database;
  std::string ca;     // PEM
  std::string table;  // schema.name, made by the first who writes
  std::string journal;
  int writers = 4;
  int first_writer = 0;             // so that two ledgers share one table
  milliseconds interval{20};        // of one writer
  milliseconds connect_limit{400};  // one attempt
  milliseconds answer_limit{1000};  // one commit on an established connection
  milliseconds gap_over{100};
  int seconds = 0;  // 0: until standard input ends. check: how long to try to connect
  bool makes_table = true;
  bool drops_table = false;  // check: afterwards, when nothing is missing
};

Job read_job(const cadence::json::Value& document);

}  // namespace ledger
