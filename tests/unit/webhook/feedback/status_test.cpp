#include "feedback/status.hpp"

#include <gtest/gtest.h>

namespace cadence::feedback {
namespace {

Status told(queue::JobStatus status, const std::string& summary = "", std::optional<double> fail_above = std::nullopt) {
  queue::OwedStatus owed;
  owed.job_id = "7";
  owed.status = status;
  owed.summary = summary;
  return status_of(owed, "https://cadence.example/pages/jobs/7", fail_above);
}

TEST(FeedbackStatus, TellsHowManyCommitsAreSuspicious) {
  using queue::JobStatus;
  const auto figures = [](int commits, const char* share) {
    return "{\"suspicious_commits\":" + std::to_string(commits) + ",\"overall_suspicion\":" + share + "}";
  };
  const struct {
    JobStatus status;
    std::string summary;
    std::optional<double> fail_above;
    State state;
    const char* description;
  } table[] = {
      {JobStatus::Pending, "", {}, State::Pending, "The analysis waits"},
      {JobStatus::Completed, figures(0, "0.0"), {}, State::Clean, "No suspicious commits"},
      {JobStatus::Completed, figures(0, "0.0"), 0.0, State::Clean, "No suspicious commits"},
      {JobStatus::Completed, figures(1, "2.5"), {}, State::Suspicious, "1 suspicious commit, 2.5 % of the history"},
      {JobStatus::Completed, figures(3, "12.34"), 20.0, State::Suspicious,
       "3 suspicious commits, 12.3 % of the history"},
      {JobStatus::Completed, figures(3, "12.5"), 12.5, State::Suspicious,
       "3 suspicious commits, 12.5 % of the history"},
      {JobStatus::Completed, figures(3, "12.6"), 12.5, State::Refused,
       "3 suspicious commits, 12.6 % of the history; the limit is 12.5 %"},
      {JobStatus::Completed, "", {}, State::Clean, "No suspicious commits"},
      {JobStatus::Completed, "nonsense", 1.0, State::Clean, "No suspicious commits"},
      {JobStatus::Completed, "[]", 1.0, State::Clean, "No suspicious commits"},
      {JobStatus::Failed, "", {}, State::Unknown, "The analysis could not be done"},
  };
  for (const auto& row : table) {
    const auto status = told(row.status, row.summary, row.fail_above);
    EXPECT_EQ(status.state, row.state) << row.summary;
    EXPECT_EQ(status.description, row.description);
    EXPECT_EQ(status.url, "https://cadence.example/pages/jobs/7");
  }
}

}  // namespace
}  // namespace cadence::feedback
