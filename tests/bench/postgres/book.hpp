// What became of every row: kept for the report, and written to the journal that the check reads.
// Promises: all writers may call it; a row that nobody answered for is unknown, never acknowledged.
#pragma once

#include <fstream>
#include <map>
#include <mutex>
#include <vector>

#include "gaps.hpp"
#include "session.hpp"

namespace ledger {

class Book {
 public:
  explicit Book(const Job& job);

  int backend_number(const Backend& backend);
  // `began` is before the statement was sent, `ended` when its outcome was known.
  void note(int writer, std::int64_t seq, const Answer& answer, Clock::time_point began, Clock::time_point ended,
            int backend);
  void note_connection_failure(const std::string& problem);
  void note_warning(const std::string& state, const std::string& message);

  // One line: what is known so far. Gaps that still last are in it, marked open.
  cadence::json::Value report(bool is_final);

 private:
  struct Count {
    std::int64_t count = 0;
    std::string first;
    double first_at = 0;
  };
  void count(std::map<std::string, Count>& in, const std::string& key, const std::string& text);
  cadence::json::Value backend_document(int number) const;
  cadence::json::Value gap_document(const Gap& gap) const;
  double wall(Nanoseconds at) const;

  std::mutex mutex_;
  const Job& job_;
  std::ofstream journal_;
  Nanoseconds began_;
  double wall_offset_;  // wall clock minus monotonic clock, seconds
  std::vector<Backend> backends_;
  std::vector<Acknowledgement> acknowledgements_;
  std::vector<Nanoseconds> durations_;
  std::int64_t refused_ = 0, unknown_ = 0;
  std::map<std::string, Count> errors_, connection_failures_, warnings_;
};

// Compares the journal with the table through one session.
cadence::json::Value check(const Job& job, Session& session);

}  // namespace ledger
