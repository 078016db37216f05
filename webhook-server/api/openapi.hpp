// The interface as an OpenAPI 3.1 document (GET /api/openapi.json). Promises: it names every route that the program has
// and no other; what it says of answers is held against the running program by a test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"

namespace cadence::api {

// `senders`: each has a route of its own.
json::Value openapi_document(const std::vector<std::string>& senders, const std::string& version);

extern const std::string_view kPaths, kSchemas;  // YAML

}  // namespace cadence::api
