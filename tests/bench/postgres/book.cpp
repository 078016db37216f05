#include "book.hpp"

#include <algorithm>
#include <stdexcept>

namespace ledger {

namespace {

using cadence::json::Value;

Nanoseconds nanoseconds(Clock::time_point at) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}
double seconds(Nanoseconds at) { return static_cast<double>(at) / 1e9; }

double percentile(std::vector<Nanoseconds>& values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return static_cast<double>(*at) / 1e6;
}

// "connect", "timeout", "the database system is starting up": enough to count by.
std::string class_of(const std::string& problem) {
  const auto at = problem.find("FATAL:  ");
  return (at == std::string::npos ? problem : problem.substr(at + 8)).substr(0, 80);
}

}  // namespace

Book::Book(const Job& job) : job_(job), journal_(job.journal, std::ios::app), began_(nanoseconds(Clock::now())) {
  if (!journal_) throw std::runtime_error("could not open the journal " + job.journal);
  const auto wall_now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  wall_offset_ = wall_now - seconds(began_);
}

int Book::backend_number(const Backend& backend) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find(backends_.begin(), backends_.end(), backend);
  if (found != backends_.end()) return static_cast<int>(found - backends_.begin());
  backends_.push_back(backend);
  return static_cast<int>(backends_.size()) - 1;
}

void Book::note(int writer, std::int64_t seq, const Answer& answer, Clock::time_point began, Clock::time_point ended,
                int backend) {
  const std::lock_guard lock(mutex_);
  char outcome = 'U';
  switch (answer.kind) {
    case Answer::Kind::Done:
      outcome = 'A';
      acknowledgements_.push_back({nanoseconds(ended), backend, nanoseconds(began)});
      durations_.push_back(nanoseconds(ended) - nanoseconds(began));
      break;
    case Answer::Kind::Refused:
      outcome = 'R';
      ++refused_;
      break;
    case Answer::Kind::Unknown:
      ++unknown_;
      break;
  }
  if (outcome != 'A') count(errors_, answer.state, answer.message);
  journal_ << outcome << ' ' << writer << ' ' << seq << ' ' << nanoseconds(began) << ' ' << nanoseconds(ended) << ' '
           << backend << '\n';
}

void Book::note_connection_failure(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  count(connection_failures_, class_of(problem), problem);
}

void Book::note_warning(const std::string& state, const std::string& message) {
  const std::lock_guard lock(mutex_);
  count(warnings_, state, message);
}

void Book::count(std::map<std::string, Count>& in, const std::string& key, const std::string& text) {
  auto& entry = in[key];
  if (entry.count++ == 0) {
    entry.first = text;
    entry.first_at = seconds(nanoseconds(Clock::now()));
  }
}

double Book::wall(Nanoseconds at) const { return seconds(at) + wall_offset_; }

Value Book::backend_document(int number) const {
  if (number < 0) return nullptr;
  const auto& b = backends_[static_cast<std::size_t>(number)];
  return {{"instance", b.instance}, {"timeline", b.timeline}, {"address", b.address}};
}

Value Book::gap_document(const Gap& gap) const {
  return {{"start", seconds(gap.start)},
          {"end", seconds(gap.end)},
          {"seconds", seconds(gap.length())},
          {"start_wall", wall(gap.start)},
          {"before", backend_document(gap.before)},
          {"after", backend_document(gap.after)},
          {"is_open", gap.is_open}};
}

Value Book::report(bool is_final) {
  const std::lock_guard lock(mutex_);
  if (is_final) journal_.flush();
  const auto now = nanoseconds(Clock::now());
  const auto gaps = gaps_over(std::chrono::nanoseconds(job_.gap_over).count(), acknowledgements_, began_, now);
  const auto by_backend = stretches(acknowledgements_);
  const auto counts = [](const std::map<std::string, Count>& of) {
    Value out = Value::object();
    for (const auto& [key, entry] : of)
      out[key] = {{"count", entry.count}, {"first", entry.first}, {"first_at", entry.first_at}};
    return out;
  };
  Value out{{"began", seconds(began_)},     {"ended", seconds(now)},
            {"began_wall", wall(began_)},   {"acknowledged", acknowledgements_.size()},
            {"refused", refused_},          {"unknown", unknown_},
            {"gaps", Value::array()},       {"backends", Value::array()},
            {"errors", counts(errors_)},    {"connection_failures", counts(connection_failures_)},
            {"warnings", counts(warnings_)}};
  Nanoseconds first = 0, last = 0, largest = 0;
  for (const auto& gap : gaps) {
    out["gaps"].push_back(gap_document(gap));
    largest = std::max(largest, gap.length());
  }
  for (const auto& stretch : by_backend) {
    auto entry = backend_document(stretch.backend);
    entry["first"] = seconds(stretch.first);
    entry["last"] = seconds(stretch.last);
    entry["last_asked"] = seconds(stretch.last_asked);
    entry["acknowledged"] = stretch.count;
    out["backends"].push_back(entry);
    first = first == 0 ? stretch.first : std::min(first, stretch.first);
    last = std::max(last, stretch.last);
  }
  out["first_acknowledgement"] = first == 0 ? Value() : Value(seconds(first));
  out["last_acknowledgement"] = last == 0 ? Value() : Value(seconds(last));
  out["largest_gap"] = seconds(largest);
  out["is_interleaved"] = is_interleaved(by_backend);
  if (is_final)
    out["commit_ms"] = {{"p50", percentile(durations_, 0.5)},
                        {"p99", percentile(durations_, 0.99)},
                        {"max", percentile(durations_, 1)}};
  return out;
}

}  // namespace ledger
