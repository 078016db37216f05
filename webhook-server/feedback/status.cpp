#include "feedback/status.hpp"

#include <cstdio>

#include "json/value.hpp"

namespace cadence::feedback {

namespace {

std::string per_cent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share);
  return text;
}

// Without figures the analysis is done all the same, and its page has them.
void judge(Status& status, const std::string& summary, std::optional<double> fail_above) {
  const auto figures = json::parse(summary.empty() ? "{}" : summary);
  const auto number = [&](const char* name) {
    const auto& found = figures ? json::at_path(*figures, {name}) : json::Value();
    return found.is_number() ? found.get<double>() : 0.0;
  };
  const auto commits = static_cast<long long>(number("suspicious_commits"));
  const auto share = number("overall_suspicion");
  if (commits <= 0) {
    status.state = State::Clean;
    status.description = "No suspicious commits";
    return;
  }
  const bool is_refused = fail_above && share > *fail_above;
  status.state = is_refused ? State::Refused : State::Suspicious;
  status.description = std::to_string(commits) + (commits == 1 ? " suspicious commit, " : " suspicious commits, ") +
                       per_cent(share) + " of the history";
  if (is_refused) status.description += "; the limit is " + per_cent(*fail_above);
}

}  // namespace

Status status_of(const queue::OwedStatus& owed, const std::string& url, std::optional<double> fail_above) {
  Status status{State::Pending,   "The analysis waits", url, owed.job_id, owed.spec.full_name,
                owed.spec.branch, owed.spec.commit};
  if (owed.status == queue::JobStatus::Completed) judge(status, owed.summary, fail_above);
  if (owed.status == queue::JobStatus::Failed) {
    status.state = State::Unknown;
    status.description = "The analysis could not be done";
  }
  return status;
}

}  // namespace cadence::feedback
