#include "analysis/web/result_json.hpp"

namespace cadence::analysis::web {
namespace {

json::Value to_json(const std::vector<Pattern>& patterns) {
  auto list = json::Value::array();
  for (const Pattern& pattern : patterns) {
    json::Value entry = {{"type", pattern.type},
                         {"severity", pattern.severity},
                         {"description", pattern.description},
                         {"passed", pattern.passed}};
    if (!pattern.examples.empty()) entry["examples"] = pattern.examples;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

json::Value to_json(const WebResult& result) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(result.completed_at - result.started_at);
  json::Value object = {{"analyzed_at", base::format_rfc3339_micro(result.started_at)},
                        {"started_at", base::format_rfc3339_micro(result.started_at)},
                        {"completed_at", base::format_rfc3339_micro(result.completed_at)},
                        {"duration_ms", took.count()}};
  const auto add = [&](const char* name, auto value) {
    if (value != 0) object[name] = value;
  };
  if (!result.url.empty()) object["url"] = result.url;
  if (!result.assessment.empty()) object["assessment"] = result.assessment;
  if (!result.headings.empty()) object["headings"] = result.headings;
  if (!result.web_patterns.empty()) object["web_patterns"] = to_json(result.web_patterns);
  if (!result.passed_patterns.empty()) object["passed_patterns"] = to_json(result.passed_patterns);
  add("word_count", result.word_count);
  add("character_count", result.character_count);
  add("heading_count", result.headings.size());
  add("suspicion_rate", result.suspicion_rate);
  add("confidence_score", result.confidence_score);
  add("overall_suspicion", result.confidence_score);
  add("overall_score", static_cast<double>(result.confidence_score) / 100);
  add("quality_score", result.quality_score);
  add("pattern_count", result.pattern_count());
  add("items_analyzed", result.items_analyzed);
  add("items_flagged", result.items_flagged);
  add("strategies_used", result.strategies_used);
  add("strategies_hit", result.pattern_count());
  add("average_score", result.suspicion_rate);
  add("coverage_rate", result.coverage_rate);
  return object;
}

json::Value summary_json(const WebResult& result) {
  return {{"overall_suspicion", result.confidence_score}, {"assessment", result.assessment}};
}

}  // namespace cadence::analysis::web
