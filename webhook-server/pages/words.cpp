#include "pages/words.hpp"

#include <algorithm>
#include <array>

#include "analysis/source/guard/url.hpp"
#include "base/text.hpp"
#include "json/members.hpp"
#include "report/figures.hpp"

namespace cadence::pages {

using queue::JobStatus;

std::string name_of(const queue::JobSpec& spec) {
  if (!spec.full_name.empty()) return spec.full_name;
  if (!spec.repo.empty()) return spec.repo;
  return spec.url.empty() ? "no repository named" : analysis::source::without_credentials(spec.url);
}

std::string history_key(const queue::JobSpec& spec) { return spec.full_name.empty() ? spec.repo : spec.full_name; }

std::string origin_of(const std::string& event_type) {
  constexpr std::string_view kPush = "_push";
  struct Known {
    std::string_view event, words;
  };
  for (const auto& [event, words] :
       {Known{"github_push", "push to GitHub"}, Known{"gitlab_push", "push to GitLab"},
        Known{"api_analysis_repo", "asked for"}, Known{"api_analysis_website", "web page, asked for"}})
    if (event_type == event) return std::string(words);
  if (!event_type.ends_with(kPush)) return event_type;
  return "push, sent by " + event_type.substr(0, event_type.size() - kPush.size());
}

std::string state_word(JobStatus status) {
  switch (status) {
    case JobStatus::Pending:
      return "waiting";
    case JobStatus::Processing:
      return "running";
    case JobStatus::Completed:
      return "completed";
    case JobStatus::Failed:
      return "failed";
  }
  return "unknown";
}

Markup state_badge(JobStatus status) {
  const auto word = text(state_word(status));
  return "<span class=\"state " + word + "\">" + word + "</span>";
}

Trouble trouble_of(const std::string& error) {
  struct Known {
    std::string_view part;
    Trouble trouble;
  };
  static const std::array<Known, 5> kKnown = {{
      {"timeout", {"It took too long", "Larger repositories need more time, or a server that answers faster."}},
      {"allowed_hosts",
       {"Its address may not be reached", "The server's operator can allow the host (clone.allowed_hosts)."}},
      {"credentials",
       {"The repository wants a login", "The server's operator can give it one (clone.credentials_folder)."}},
      {"failed to clone",
       {"The repository could not be fetched", "See that its URL and branch exist and can be read."}},
      {"names no repository", {"The delivery names no repository", "See what the sender is set to send."}},
  }};
  const auto lower = base::to_lower(error);
  for (const auto& [part, trouble] : kKnown)
    if (lower.find(part) != std::string::npos) return trouble;
  return {"The analysis failed", "A repeat of the delivery tries again."};
}

Verdict verdict_of(const queue::Job& job) {
  Verdict verdict;
  const auto summary = json::parse(job.summary);
  if (job.status != JobStatus::Completed || !summary) return verdict;
  if (json::at_path(*summary, {"overall_suspicion"}).is_number())
    verdict.share = std::clamp(json::number_in(*summary, "overall_suspicion"), 0.0, 100.0);
  if (json::at_path(*summary, {"suspicious_commits"}).is_number())
    verdict.flagged = json::integer_in(*summary, "suspicious_commits");
  verdict.assessment = json::text_in(*summary, "assessment");
  return verdict;
}

const char* level_of(double share) { return share >= 70 ? "high" : share >= 40 ? "medium" : "low"; }

Markup verdict_words(const queue::Job& job) {
  const auto verdict = verdict_of(job);
  if (!verdict.share) return {};
  const auto number = text(report::decimal(*verdict.share, 1));
  Markup out = "<span class=\"share\">" + number + " %</span> <svg class=\"bar " + text(level_of(*verdict.share)) +
               "\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" "
               "width=\"100\" height=\"6\"/><rect class=\"fill\" width=\"" +
               number + "\" height=\"6\"/></svg>";
  if (verdict.flagged) out += " <span class=\"note\">" + text(report::grouped(*verdict.flagged)) + " flagged</span>";
  else if (!verdict.assessment.empty()) out += " <span class=\"note\">" + words_of(verdict.assessment, 60) + "</span>";
  return out;
}

std::int64_t seconds_of(base::Wall time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Markup moment(base::Wall time) {
  return "<time datetime=\"" + text(base::format_rfc3339(time)) + "\">" + text(report::minute_of(seconds_of(time))) +
         "</time>";
}

}  // namespace cadence::pages
