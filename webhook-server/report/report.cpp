#include "report/report.hpp"

#include <algorithm>

#include "analysis/git/result_json.hpp"
#include "analysis/web/result_json.hpp"
#include "report/visible.hpp"

namespace cadence::report {
namespace {

using analysis::git::Severity;

double weight_of(Severity severity) {
  return severity == Severity::High ? 0.4 : severity == Severity::Medium ? 0.2 : 0.1;
}

const char* assessment_of(double score) {
  return score >= 70   ? "Strong suspicion of generated commits"
         : score >= 40 ? "Moderate suspicion of generated commits"
                       : "Low suspicion of generated commits";
}

Verdict verdict_of_git(const analysis::git::AnalysisResult& found) {
  Verdict verdict;
  for (const auto& one : found.suspicions) {
    verdict.weighted_score += weight_of(one.severity) * (one.confidence > 0 ? one.confidence : 0.5);
    ++(one.severity == Severity::High ? verdict.high : one.severity == Severity::Medium ? verdict.medium : verdict.low);
  }
  verdict.suspicious_share = found.overall_suspicion;
  verdict.weighted_score = std::min(verdict.weighted_score, 100.0);
  verdict.assessment = assessment_of(verdict.weighted_score);
  return verdict;
}

Verdict verdict_of_web(const analysis::web::WebResult& found) {
  Verdict verdict;
  for (const auto& pattern : found.web_patterns) {
    const auto word = analysis::web::severity_word(pattern);
    ++(word == "high" ? verdict.high : word == "medium" ? verdict.medium : verdict.low);
  }
  verdict.suspicious_share = verdict.weighted_score = found.confidence_score;
  verdict.assessment = found.assessment;
  return verdict;
}

json::Value opinion_json(const opinion::Opinion& opinion) {
  json::Value value = {{"model", opinion.model}, {"asked_about", opinion.asked_about}};
  if (!opinion.problem.empty()) {
    value["problem"] = opinion.problem;
    return value;
  }
  value["view"] = opinion::to_string(opinion.view);
  value["confidence"] = opinion.confidence;
  value["summary"] = opinion.summary;
  auto& commits = value["commits"] = json::Value::array();
  for (const auto& one : opinion.commits)
    commits.push_back(
        {{"commit_hash", one.commit_hash}, {"view", opinion::to_string(one.view)}, {"reason", one.reason}});
  return value;
}

}  // namespace

Verdict verdict_of(const Report& report) {
  return report.git() != nullptr ? verdict_of_git(*report.git()) : verdict_of_web(*report.web());
}

json::Value to_json(const Report& report) {
  auto value = report.git() != nullptr ? analysis::git::to_json(*report.git()) : analysis::web::to_json(*report.web());
  const auto verdict = verdict_of(report);
  value["job_id"] = "";
  value["url"] = report.source;
  if (!report.name.empty()) value["repo_name"] = report.name;
  value["report"] = {{"assessment", verdict.assessment},
                     {"high", verdict.high},
                     {"medium", verdict.medium},
                     {"low", verdict.low},
                     {"rules", report.rules}};
  // Not called overall_score, which is another value in the result of the API.
  if (report.git() != nullptr) value["report"]["weighted_score"] = verdict.weighted_score;
  if (!report.branch.empty()) value["branch"] = report.branch;
  if (report.opinion) value["opinion"] = opinion_json(*report.opinion);
  return value;
}

std::string render_json(const Report& report) {
  return visible_json(to_json(report).dump(2, ' ', false, json::Value::error_handler_t::replace)) + "\n";
}

}  // namespace cadence::report
