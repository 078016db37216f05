// GitHub's push and ping as values (docs.github.com, "Webhook events and payloads"). Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "queue/job.hpp"

namespace cadence::ingest::github {

struct Ignored {
  std::string event, reason;  // reason may be empty
};

// What a verified body asks for. Form-encoded bodies (payload=…) are understood; an error names the place in the JSON.
using Event = std::variant<queue::JobSpec, Ignored>;
base::Result<Event> read_event(std::string_view event_header, std::string_view content_type, std::string_view body);

// The key of a delivery: the sender's id, or the body's hash where it sent none.
std::string delivery_key(std::string_view delivery_header, std::string_view body);

}  // namespace cadence::ingest::github
