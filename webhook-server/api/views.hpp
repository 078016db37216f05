// Jobs as the JSON that clients know (field names are the contract). Pure.
#pragma once

#include <string>

#include "pages/pages.hpp"
#include "queue/job.hpp"
#include "queue/workers.hpp"

namespace cadence::api {

std::string job_view(const queue::Job& job);                       // GET /jobs/:id
std::string jobs_view(const queue::JobPage& page, bool is_array);  // GET /jobs
std::string flat_result_view(const queue::Job& job);               // GET /api/results/:id
// GET /metrics/store, read by the operator. Of hooks those that could not be looked at, the first of many.
std::string store_view(const queue::StoreHealth& health, const std::vector<pages::WatchedHook>& hooks = {});

}  // namespace cadence::api
