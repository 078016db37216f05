// A git result as the JSON of a repository job (webhook-api 5.1), for the job, the stream and the command line alike. Knows no job:
// `job_id`, `url` and `repo_name` are the caller's to add.
#pragma once

#include "analysis/git/result.hpp"
#include "json/value.hpp"

namespace cadence::analysis::git {

// Members that are zero or empty are left out: clients test for absence.
json::Value to_json(const AnalysisResult& result);

// The short form that lists of jobs show.
json::Value summary_json(const AnalysisResult& result);

}  // namespace cadence::analysis::git
