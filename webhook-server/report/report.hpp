// One analysis as somebody reads it, and its renderings. Pure: the same report gives the same bytes; nothing here reads clocks, files
// or terminals. Promises: any bytes in messages and names stay text, in each of the formats.
#pragma once

#include <string>

#include "analysis/git/result.hpp"
#include "json/value.hpp"

namespace cadence::report {

struct Report {
  std::string source;  // the path or URL that was asked for, without credentials
  std::string name;    // of the repository, short
  analysis::git::AnalysisResult found;
};

// The result of webhook-api 5.1. `job_id` is empty: there was no job.
json::Value to_json(const Report& report);

std::string render_json(const Report& report);

}  // namespace cadence::report
