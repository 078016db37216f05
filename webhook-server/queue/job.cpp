#include "queue/job.hpp"

namespace cadence::queue {

std::string_view to_string(JobStatus status) {
  switch (status) {
    case JobStatus::Pending: return "pending";
    case JobStatus::Processing: return "processing";
    case JobStatus::Completed: return "completed";
    case JobStatus::Failed: return "failed";
  }
  return "failed";
}

std::optional<JobStatus> parse_status(std::string_view text) {
  for (const auto status : {JobStatus::Pending, JobStatus::Processing, JobStatus::Completed, JobStatus::Failed})
    if (to_string(status) == text) return status;
  return std::nullopt;
}

}  // namespace cadence::queue
