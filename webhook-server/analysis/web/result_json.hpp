// A web result as the JSON of a website job (webhook-api 5.1), for the job, the stream and the command line alike.
#pragma once

#include "analysis/web/result.hpp"
#include "json/value.hpp"

namespace cadence::analysis::web {

// Every member of JobResult but job_id. Members that are zero or empty are left out: clients test for absence.
json::Value to_json(const WebResult& result);

// What to_json() wrote, whoever stored it and when: members that are absent or of another type are as if unset.
WebResult from_json(const json::Value& document);

// The short form that lists of jobs show.
json::Value summary_json(const WebResult& result);

}  // namespace cadence::analysis::web
