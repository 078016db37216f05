#include "api/views.hpp"

#include "analysis/source/guard/url.hpp"
#include "jobs/dispatch.hpp"
#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::api {

namespace {

constexpr const char* kUnset = "0001-01-01T00:00:00Z";

std::string time_of(base::Wall time) { return base::format_rfc3339_micro(time); }

// Where the sender named no repository, its URL's last part without .git.
std::string short_name(const queue::JobSpec& spec) {
  if (!spec.repo.empty() || spec.url.empty()) return spec.repo;
  auto name = analysis::source::without_credentials(spec.url);
  name.resize(name.find_last_not_of('/') + 1);
  name = name.substr(name.rfind('/') + 1);
  return name.ends_with(".git") ? name.substr(0, name.size() - 4) : name;
}

json::Value entry_of(const queue::Job& job) {
  return {{"id", job.id},
          {"job_id", job.id},
          {"status", queue::to_string(job.status)},
          {"repo", short_name(job.spec)},
          {"branch", job.spec.branch},
          {"timestamp", time_of(job.created_at)},
          {"author", job.spec.author}};
}

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  if (!value) return {};
  // What an older version stored may still have them.
  if (value->is_object() && value->contains("url") && (*value)["url"].is_string())
    (*value)["url"] = analysis::source::without_credentials((*value)["url"].get<std::string>());
  return std::move(*value);
}

}  // namespace

std::string job_view(const queue::Job& job) {
  auto view = entry_of(job);
  view["error"] = job.error;
  view["result"] = job.result ? parsed(*job.result) : json::Value();
  view["event_type"] = job.spec.event_type;
  view["repo_full_name"] = job.spec.full_name;
  view["commit"] = job.spec.commit;
  view["progress"] = job.progress;
  view["attempts"] = job.attempts;
  view["replica"] = job.replica;
  view["updated_at"] = time_of(job.updated_at);
  return json::dump(view);
}

std::string jobs_view(const queue::JobPage& page, bool is_array) {
  auto jobs = json::Value::array();
  for (const auto& job : page.jobs) {
    auto entry = entry_of(job);
    entry["created_at"] = entry["timestamp"];
    if (!job.summary.empty()) entry["result"] = parsed(job.summary);
    jobs.push_back(std::move(entry));
  }
  if (is_array) return json::dump(jobs);
  const auto total = jobs.size();
  json::Value view = {{"total", total}, {"count_all", page.count_all}, {"jobs", std::move(jobs)}};
  if (page.is_more) view["count_is_minimum"] = true;
  return json::dump(view);
}

std::string flat_result_view(const queue::Job& job) {
  auto view = job.result ? parsed(*job.result) : json::Value::object();
  if (!view.is_object()) view = json::Value::object();
  for (const char* inner : {"started_at", "completed_at", "duration_ms"}) view.erase(inner);
  view["job_id"] = job.id;
  view["status"] = queue::to_string(job.status);
  if (!view.contains("analyzed_at")) view["analyzed_at"] = kUnset;
  if (!view.contains("url") && !job.spec.url.empty()) view["url"] = analysis::source::without_credentials(job.spec.url);
  const bool is_website = job.spec.event_type == jobs::kWebsiteJob;
  if (!is_website && !view.contains("repo_name") && !short_name(job.spec).empty())
    view["repo_name"] = short_name(job.spec);
  if (!job.error.empty()) view["error"] = job.error;
  if (!job.progress.empty()) view["progress"] = job.progress;
  return json::dump(view);
}

std::string store_view(const queue::StoreHealth& health, const std::vector<pages::WatchedHook>& hooks) {
  constexpr std::size_t kMostHooks = 5, kLongestProblem = 300;
  json::Value view{{"up", health.is_up}};
  if (!health.is_up) {
    view["code"] = health.trouble.code;
    view["reason"] = health.trouble.text;
  }
  for (const auto& hook : hooks) {
    if (hook.problem.empty() || (view.contains("hooks") && view["hooks"].size() >= kMostHooks)) continue;
    view["hooks"].push_back(
        {{"hook", hook.name}, {"problem", std::string(base::clipped(hook.problem, kLongestProblem))}});
  }
  return json::dump(view);
}

}  // namespace cadence::api
