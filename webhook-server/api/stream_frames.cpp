#include "api/stream_frames.hpp"

#include <utility>

#include "analysis/git/result_json.hpp"
#include "analysis/web/result_json.hpp"
#include "api/views.hpp"
#include "json/members.hpp"

namespace cadence::api {

using queue::JobStatus;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kTellFetchingAgain{10000};

json::Value detection(std::string_view strategy, bool is_detected, std::string_view severity, double score,
                      std::string_view category, std::string_view description, json::Value examples) {
  json::Value value = {{"strategy", strategy}, {"detected", is_detected}, {"severity", severity},
                       {"score", score},       {"category", category},    {"description", description}};
  if (!examples.empty()) value["examples"] = std::move(examples);
  return value;
}

}  // namespace

std::string StreamFrames::frame(const char* name, const char* plain_name, json::Value data) const {
  if (style_ == FrameStyle::Named) return std::string("event: ") + name + "\ndata: " + json::dump(data) + "\n\n";
  data["event"] = data["type"] = plain_name;
  return "data: " + json::dump(data) + "\n\n";
}

std::string StreamFrames::progress(const char* phase, const std::string& message, json::Value more) {
  more["phase"] = phase;
  more["message"] = message;
  const std::string name(phase);
  const char* plain = !std::exchange(has_begun_, true)          ? "start"
                      : name == "cloning" || name == "fetching" ? "fetch"
                                                                : "progress";
  return frame("progress", plain, std::move(more));
}

std::string StreamFrames::begin() { return advance(Step::Queued, {}); }

std::string StreamFrames::advance(Step to, milliseconds since_begin) {
  std::string out;
  const auto elapsed = since_begin.count();
  const auto reaches = [&](Step step) { return step_ < step && step <= to && (step_ = step, true); };
  if (reaches(Step::Queued) && !is_website_)
    out += progress("queued", "accepted as job " + job_id_, json::Value::object());
  if (reaches(Step::Fetching))
    out += is_website_ ? progress("fetching", "fetching the page", json::Value::object())
                       : progress("cloning", "cloning the repository", json::Value::object());
  if (reaches(Step::Analysing)) {
    if (!is_website_) out += progress("analyzing", "the repository is here", {{"elapsed_ms", elapsed}});
    out += progress("validating", "checking what was fetched", {{"percent", 5}});
    out += progress("fetching", "reading", {{"percent", 15}, {"elapsed_ms", elapsed}});
    out += progress("detecting", "judging", {{"total", 1}, {"percent", 50}, {"elapsed_ms", elapsed}});
  }
  return out;
}

std::string StreamFrames::look(const queue::Job& job, milliseconds since_begin) {
  if (is_over_) return {};
  if (job.status == JobStatus::Completed) {
    auto out = advance(Step::Analysing, since_begin);
    const auto found = json::parse(job.result.value_or("{}"));
    if (found) out += detections(*found);
    out += progress("detecting", "judged",
                    {{"current", 1}, {"total", 1}, {"percent", 100}, {"elapsed_ms", since_begin.count()}});
    is_over_ = true;
    return out + result(job);
  }
  if (job.status == JobStatus::Failed) return fail(job.error, "analysis_failed");
  if (job.status == JobStatus::Pending) return {};
  const bool is_fetched = job.progress == "analyzing" || job.progress == "processing-results";
  auto out = advance(is_fetched ? Step::Analysing : Step::Fetching, since_begin);
  if (step_ == Step::Fetching && since_begin - told_fetching_ >= kTellFetchingAgain) {
    told_fetching_ = since_begin;
    if (out.empty())
      out = progress(is_website_ ? "fetching" : "cloning", "still at it",
                     {{"elapsed_ms", since_begin.count()}, {"percent", 15}});
  }
  return out;
}

std::string StreamFrames::detections(const json::Value& result) const {
  std::string out;
  const auto add = [&](json::Value detection) { out += frame("detection", "detection", std::move(detection)); };
  for (const auto& one : analysis::git::from_json(result).suspicions) {
    json::Value examples = json::Value::array({one.commit_hash});
    for (const auto& reason : one.reasons) examples.push_back(reason);
    add(detection("git-velocity-analysis", true, to_string(one.severity), one.score / 100, one.category, one.message,
                  std::move(examples)));
  }
  const auto page = analysis::web::from_json(result);
  for (const auto* patterns : {&page.web_patterns, &page.passed_patterns})
    for (const auto& one : *patterns)
      add(detection(one.type, !one.passed, analysis::web::severity_word(one), one.severity, "web-pattern",
                    one.description, json::Value(one.examples)));
  return out;
}

std::string StreamFrames::result(const queue::Job& job) const {
  auto flat = json::parse(flat_result_view(job));
  auto value = flat ? std::move(*flat) : json::Value::object();
  value.erase("progress");
  if (style_ == FrameStyle::Named) return frame("result", "complete", std::move(value));
  const auto share = json::number_in(value, "overall_suspicion");
  const auto count = json::integer_in(value, is_website_ ? "pattern_count" : "suspicious_commits");
  return frame("result", "complete",
               {{"result", std::move(value)}, {"suspicious_count", count}, {"overall_score", share / 100}});
}

std::string StreamFrames::fail(const std::string& message, const std::string& code) {
  if (is_over_) return {};
  is_over_ = true;
  return frame("error", "error", {{"message", message}, {"code", code}});
}

}  // namespace cadence::api
