// Jobs as the JSON that clients know (field names are the contract). Pure.
#pragma once

#include <string>

#include "queue/job.hpp"
#include "queue/workers.hpp"

namespace cadence::api {

std::string job_view(const queue::Job& job);                       // GET /jobs/:id
std::string jobs_view(const queue::JobPage& page, bool is_array);  // GET /jobs
std::string flat_result_view(const queue::Job& job);               // GET /api/results/:id
std::string store_view(const queue::StoreHealth& health);          // GET /metrics/store, read by the operator

}  // namespace cadence::api
