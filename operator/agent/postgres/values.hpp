// What goes through the ports of an agent (ports.hpp), as plain values.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/reach.hpp"
#include "postgres/rules/election.hpp"
#include "postgres/rules/instance_status.hpp"
#include "postgres/rules/logins.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::agent::postgres {

namespace rules = cadence::postgres;

struct Command {
  std::vector<std::string> arguments;              // [0] is the program's path; nothing secret, everybody can read it
  std::map<std::string, std::string> environment;  // added to a small fixed one
  bool is_output_kept = false;                     // up to a pipe's capacity; else it goes to our own standard error
  bool is_ended_by_stop = true;                    // false: a short look that also the stopping itself needs
  bool are_errors_kept = false;                    // standard error as well, with is_output_kept
  std::function<bool()> is_enough = {};            // ends the program early, as a success
};

struct Passwords {
  std::string superuser, replication, application;
  rules::Logins logins{rules::kApplicationUser, "", "", ""};  // `application` is the password of logins.user
  std::string next_application;                               // of logins.next
  bool operator==(const Passwords&) const = default;
};

// What a server says of itself.
struct Answer {
  rules::InstanceStatus status;  // all but instance and message; role from the server's own recovery state
  rules::Parameters in_force;    // what protects a commit
  rules::Lsn flushed = 0;        // on a primary: what is safe on its own disk
};
struct Reception {
  bool is_in_recovery = false;
  bool is_paused = false;  // pg_wal_replay_pause() was called
  pid_t receiver = 0;      // the WAL receiver that streams; 0: none does
};

// Of what is tried again and again (trial.hpp).
struct Finding {
  std::chrono::milliseconds silence{0};  // since it succeeded last; zero while stopped
  std::string problem = {};              // what the last one met
};

// One attempt to connect to another agent.
struct Touch {
  net::Reached reached = net::Reached::Silent;
  bool has_address = false;  // else the attempt says nothing
};

// A peer asks us to let go of our primary, and waits.
struct DisarmCall {
  std::string record;  // the election's
  std::function<void(const rules::MemberReport&)> respond;
};

}  // namespace cadence::agent::postgres
