// A git result as the JSON of a repository job (webhook-api 5.1), for the job, the stream and the command line alike.
// Knows no job: `job_id`, `url` and `repo_name` are the caller's to add.
#pragma once

#include "analysis/git/result.hpp"
#include "json/value.hpp"

namespace cadence::analysis::git {

// Members that are zero or empty are left out: clients test for absence.
json::Value to_json(const AnalysisResult& result);

// The same document and the members of `more` as one line of text, and nothing in between: of a long history it lists
// tens of thousands of commits.
std::string to_text(const AnalysisResult& result, const json::Value& more);

// The short form that lists of jobs show.
json::Value summary_json(const AnalysisResult& result);

// What to_json() wrote, whoever stored it and when: members that are absent or of another type are as if unset, and
// strategies that have other names by now are left out. Sizes and hits of strategies are not in the document.
AnalysisResult from_json(const json::Value& document);

}  // namespace cadence::analysis::git
