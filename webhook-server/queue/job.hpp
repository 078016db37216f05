// The words of the queue: a delivery that came in, the job it asks for, a claim on that job, and what became of it.
// Values only: no I/O, no JSON, no SQL. Ids are random UUIDs (version 4) so that nobody can guess a job.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace cadence::queue {

enum class JobStatus { Pending, Processing, Completed, Failed };

std::string_view to_string(JobStatus status);
std::optional<JobStatus> parse_status(std::string_view text);

// What is to be analysed. Strings hold valid UTF-8 without NUL.
struct JobSpec {
  std::string event_type;  // github_push, …
  std::string url;         // empty: the sender named no repository and the job fails at once
  std::string repo;        // short name
  std::string full_name;   // owner/name
  std::string branch;
  std::string commit;  // history that ends here; empty: tip of the branch
  std::string author;
  // of an analysis that was asked for: "token NAME" or "address ADDRESS"; a push has its signature instead
  std::string asked_by = {};
  // whose delivery it is, for log lines and spans (trace/origin.hpp); empty: nothing is known
  std::string origin = {};
  bool operator==(const JobSpec&) const = default;
};

// Somebody asked for it, nobody signed it.
bool is_asked_for(const JobSpec& spec);
// A signed push, or asked for with a token: only these are fetched with the server's own credentials and from private
// addresses.
bool is_trusted(const JobSpec& spec);

struct Job {
  std::string id;
  JobSpec spec;
  JobStatus status = JobStatus::Pending;
  std::string progress, error, replica;
  int attempts = 0, generation = 0;
  base::Wall created_at{}, updated_at{};
  std::string summary;                // small JSON object of a finished job, else empty
  std::optional<std::string> result;  // JSON object; only find() fills it
};

// One event of one sender. `key` (16 bytes) decides what counts as the same delivery. A body that is known under
// another key is a repeat too, but revives nothing: whoever replays a captured body may make up ids.
struct Delivery {
  std::string key;
  std::string body_key = {};  // 16 bytes; empty: the body is not remembered beside the key
  std::string provider, event;
  std::string job_id;  // used when the delivery is new
  JobSpec spec;
};

struct Accepted {
  std::string job_id;  // of the first delivery with this key
  JobStatus status = JobStatus::Pending;
  bool is_new = true;
  bool is_spooled = false;  // kept, but not in the store yet
};

// The right to run one attempt of a job. Attempt and generation fence the completion: a stolen claim can publish
// nothing.
struct Claim {
  std::string job_id;
  JobSpec spec;
  int attempt = 0, generation = 0;
  base::Wall waiting_since{};  // by the store's clock
};

struct Outcome {
  std::string error;   // empty: completed
  std::string result;  // JSON object, empty when there is none
  std::string summary;
};

struct JobFilter {
  int limit = 50, offset = 0;
  std::optional<JobStatus> status = std::nullopt;
  std::string repo = {};  // short or full name
};

struct JobPage {
  std::vector<Job> jobs;  // newest first
  std::int64_t count_all = 0;
  bool is_more = false;  // there are more than `count_all`: counting ended there
};

// A list costs no more the longer the history is: counting ends here, and a filter looks at so many finished jobs, the
// newest.
inline constexpr int kMostCounted = 10000, kMostFiltered = 100000;

struct Depth {
  std::int64_t waiting = 0, running = 0;
  std::int64_t asked = 0;                           // of those that wait, the ones that nobody signed
  std::map<std::string, std::int64_t> by_caller{};  // unfinished jobs of each that asked
  base::Monotonic counted_at{};
};

// How many jobs a worker has room for; signed pushes come first, and of what was asked for it takes `asked` at most.
struct Room {
  Room(int for_all) : all(for_all), asked(for_all) {}
  Room(int for_all, int for_asked) : all(for_all), asked(for_asked) {}
  int all, asked;
};

}  // namespace cadence::queue
