#include "report/report.hpp"

#include "analysis/git/result_json.hpp"

namespace cadence::report {

json::Value to_json(const Report& report) {
  auto value = analysis::git::to_json(report.found);
  value["job_id"] = "";
  value["url"] = report.source;
  if (!report.name.empty()) value["repo_name"] = report.name;
  return value;
}

std::string render_json(const Report& report) {
  return to_json(report).dump(2, ' ', false, json::Value::error_handler_t::replace) + "\n";
}

}  // namespace cadence::report
