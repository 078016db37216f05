#include "analysis/web/result_json.hpp"

#include <algorithm>

#include "json/members.hpp"

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

namespace {

std::vector<Pattern> patterns_in(const json::Value& document, const char* name) {
  std::vector<Pattern> patterns;
  for (const auto& one : json::list_in(document, name))
    patterns.push_back({json::text_in(one, "type"), json::number_in(one, "severity"), json::text_in(one, "description"),
                        json::texts_in(one, "examples"), std::string_view(name) == "passed_patterns"});
  return patterns;
}

}  // namespace

WebResult from_json(const json::Value& document) {
  WebResult result;
  result.url = json::text_in(document, "url");
  result.assessment = json::text_in(document, "assessment");
  result.headings = json::texts_in(document, "headings");
  result.web_patterns = patterns_in(document, "web_patterns");
  result.passed_patterns = patterns_in(document, "passed_patterns");
  result.word_count = json::integer_in(document, "word_count");
  result.character_count = json::integer_in(document, "character_count");
  result.suspicion_rate = json::number_in(document, "suspicion_rate");
  result.confidence_score =
      static_cast<int>(std::clamp<std::int64_t>(json::integer_in(document, "confidence_score"), 0, 100));
  result.quality_score = json::number_in(document, "quality_score");
  result.items_analyzed = json::integer_in(document, "items_analyzed");
  result.items_flagged = json::integer_in(document, "items_flagged");
  result.strategies_used = json::integer_in(document, "strategies_used");
  result.coverage_rate = json::number_in(document, "coverage_rate");
  result.is_too_short = result.web_patterns.empty() && result.passed_patterns.empty();
  result.started_at = base::parse_rfc3339(json::text_in(document, "started_at"));
  result.completed_at = base::parse_rfc3339(json::text_in(document, "completed_at"));
  return result;
}

json::Value summary_json(const WebResult& result) {
  return {{"overall_suspicion", result.confidence_score}, {"assessment", result.assessment}};
}

}  // namespace cadence::analysis::web
