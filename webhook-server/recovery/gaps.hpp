// What is known of one watched hook, and the rules about it: which deliveries are missing, which are asked for now,
// which have come back, and when asking ends. Pure: no clock, no I/O; time comes in.
// Promises: a delivery is missing when its provider has it and the ledger has not, whatever it was answered; one is
// asked for at most so often, later each time; what came back or was given up is counted once; memory is bounded.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace cadence::recovery {

// One try of the provider at one delivery.
struct Attempt {
  std::string delivery;            // its id, the same for all tries; empty: no push
  std::int64_t id = 0;             // of the try; grows
  int status = 0;                  // what it was answered; 0: nothing
  base::Wall at{};                 // by the provider's clock; the epoch: it does not say
  std::string repository = {};     // full name; empty: not known
  std::int64_t repository_id = 0;  // 0: not known
};

// The provider has it, the ledger has not.
struct Gap {
  std::int64_t hook = 0, attempt = 0;  // the newest one
  int status = 0;
  std::string repository = {};
  base::Wall seen_at{}, asked_at{};
  std::int64_t asked_attempt = 0;
  int times = 0;  // asked for
  bool is_given_up = false;
};

// How far the list of one hook has been read. Lists begin with the newest.
struct Reading {
  std::int64_t newest = 0;  // all up to this try was looked at
  base::Wall newest_at{};
  std::string cursor = {};  // a list that was too long for one round goes on here …
  std::int64_t next = 0;
  base::Wall next_at{};  // … and at its end these become the newest
};

struct Counts {
  std::int64_t missing = 0, asked = 0, came_back = 0, given_up = 0;
};

struct Notes {
  std::map<std::string, Gap> gaps;  // by delivery
  std::map<std::int64_t, Reading> readings;
  Counts counts;  // of all rounds
  base::Wall looked_at{};
  std::int64_t listed = 0;   // in the last round
  std::string problem = {};  // what is wrong and what to do; empty: nothing
};

struct Rules {
  std::chrono::seconds kept{72 * 3600};    // so long the provider has a delivery
  int most_times = 3;                      // that one is asked for
  std::chrono::seconds unanswered{60};     // what was not answered may have been stored all the same
  std::chrono::seconds acknowledged{900};  // what was answered 202 may lie in a spool
  std::chrono::seconds again{60};          // after a try that failed; doubles
  std::chrono::seconds unseen{600};        // after an ask that led to no try
  std::chrono::seconds overlap{3600};      // tries are listed when they are over, not in the order of their beginnings
  std::size_t most_gaps = 2000;
};

// Newest tries first or not. `known`: deliveries of these and of the gaps that the ledger has. Returns false where
// there was no room for all that is missing: the list is to be read again.
bool note_attempts(Notes& notes, std::int64_t hook, const std::vector<Attempt>& attempts,
                   const std::set<std::string>& known, base::Wall now, const Rules& rules);

// Whether the list need not be read beyond these.
bool is_read(const Reading& reading, const std::vector<Attempt>& rows, base::Wall now, const Rules& rules);

// To be asked for now, oldest first.
std::vector<std::string> due(const Notes& notes, base::Wall now, const Rules& rules);
void note_asked(Notes& notes, const std::string& delivery, base::Wall now);
// It was not asked for after all: the gap is as it was before.
void take_back(Notes& notes, const std::string& delivery, const Gap& before);
// What was asked for often enough, or is too old by now; returns those that were given up just now.
std::vector<std::string> give_up(Notes& notes, base::Wall now, const Rules& rules);

// Gaps that are still asked for, and since when the oldest of them has been known.
std::size_t open_gaps(const Notes& notes);
std::chrono::seconds oldest_gap(const Notes& notes, base::Wall now);

}  // namespace cadence::recovery
