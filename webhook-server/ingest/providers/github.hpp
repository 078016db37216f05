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

// What a delivery is known by. Both keys hold within one scope of secrets and one repository, so that whoever learns an
// id, and has a secret for something else, cannot send it first. Without an id the body is the key.
struct Keys {
  std::string delivery, body;  // 16 bytes; `body` is empty when it is the key
};
Keys keys_of(std::string_view scope, std::string_view repository, std::string_view delivery_header,
             std::string_view body);

}  // namespace cadence::ingest::github
