// One analysis as somebody reads it, and its renderings. Pure: the same report gives the same bytes; nothing here reads
// clocks, files or terminals. Promises: any bytes in messages, names and pages stay text, in each of the formats.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "analysis/git/result.hpp"
#include "analysis/web/result.hpp"
#include "json/value.hpp"
#include "opinion/opinion.hpp"

namespace cadence::report {

struct Report {
  std::string source;  // the path or URL that was asked for, without credentials
  std::string name;    // of a repository, short
  std::string branch;  // as asked for
  std::string rules;   // profile and quartiles
  std::variant<analysis::git::AnalysisResult, analysis::web::WebResult> found;
  std::optional<opinion::Opinion> opinion;

  [[nodiscard]] const analysis::git::AnalysisResult* git() const {
    return std::get_if<analysis::git::AnalysisResult>(&found);
  }
  [[nodiscard]] const analysis::web::WebResult* web() const { return std::get_if<analysis::web::WebResult>(&found); }
};

// The values of the report as a whole (git-detection 7; for a page those of its result).
struct Verdict {
  double suspicious_share = 0;  // 0-100: commits flagged of all; a page's confidence score
  double weighted_score = 0;    // 0-100: findings by severity and confidence; the "overall score" of git-detection 7
  std::string assessment;
  std::size_t high = 0, medium = 0, low = 0;  // findings
};
Verdict verdict_of(const Report& report);

// The result of webhook-api 5.1, with the verdict under `report` and the opinion under `opinion`. `job_id` is empty:
// there was no job.
json::Value to_json(const Report& report);

std::string render_json(const Report& report);
std::string render_yaml(const Report& report);

struct TextLook {
  std::size_t columns = 80;
  bool has_colour = false;
  bool has_unicode = true;
  std::size_t rows = 20;  // findings shown, the weightiest first
};
std::string render_text(const Report& report, const TextLook& look);

// One self-contained page of bounded size: the `rows` weightiest findings, everything else as figures and plots.
std::string render_html(const Report& report, std::size_t rows = 1000);

}  // namespace cadence::report
