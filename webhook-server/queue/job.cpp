#include "queue/job.hpp"

namespace cadence::queue {

std::string_view to_string(JobStatus status) {
  switch (status) {
    case JobStatus::Pending:
      return "pending";
    case JobStatus::Processing:
      return "processing";
    case JobStatus::Completed:
      return "completed";
    case JobStatus::Failed:
      return "failed";
  }
  return "failed";
}

std::optional<JobStatus> parse_status(std::string_view text) {
  for (const auto status : {JobStatus::Pending, JobStatus::Processing, JobStatus::Completed, JobStatus::Failed})
    if (to_string(status) == text) return status;
  return std::nullopt;
}

bool is_asked_for(const JobSpec& spec) { return spec.event_type.starts_with("api_"); }

bool is_trusted(const JobSpec& spec) { return !is_asked_for(spec) || spec.asked_by.starts_with("token "); }

}  // namespace cadence::queue
