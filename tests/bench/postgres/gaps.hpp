// What the times of acknowledgements say: the pauses in them, and who acknowledged when.
// Promises: pure; times are nanoseconds of CLOCK_MONOTONIC, backends are indices that the caller gave out.
#pragma once

#include <cstdint>
#include <vector>

namespace ledger {

using Nanoseconds = std::int64_t;

struct Acknowledgement {
  Nanoseconds at = 0;
  int backend = 0;
  Nanoseconds asked = 0;  // when the row was sent
};

// From one acknowledgement to the next. The last one is open when nothing was acknowledged until the end of the
// observation.
struct Gap {
  Nanoseconds start = 0, end = 0;
  int before = -1, after = -1;  // backends; -1: none
  bool is_open = false;
  Nanoseconds length() const { return end - start; }
};

// The time in which one backend acknowledged.
struct Stretch {
  int backend = 0;
  Nanoseconds first = 0, last = 0;
  std::int64_t count = 0;
  Nanoseconds last_asked = 0;  // of all rows that it acknowledged, the one that was sent last
};

// Acknowledgements may come in any order, as writers note them. `began` and `ended` bound the observation.
std::vector<Gap> gaps_over(Nanoseconds threshold, std::vector<Acknowledgement> acknowledgements, Nanoseconds began,
                           Nanoseconds ended);

// One for each backend, by their first acknowledgement.
std::vector<Stretch> stretches(const std::vector<Acknowledgement>& acknowledgements);

// True when a backend acknowledged a row that was sent after the next one had begun: what two primaries at once look
// like. A row that was under way when the primary changed may be answered late: a frozen server whose standby has the
// row says so when it thaws.
bool is_interleaved(const std::vector<Stretch>& in_order);

}  // namespace ledger
