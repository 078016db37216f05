// The answers that every way in gives alike, whoever asks.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/server.hpp"
#include "queue/intake.hpp"

namespace cadence::ingest {

// {"error": text, "code": …, "message": …}; `error` is the contract, the others are for people. No message where
// `error` says it all.
net::Response error_response(int status, std::string_view error, std::string_view code, std::string_view message = {});
net::Response too_large_response(std::uint64_t limit);
// The same with 503 and Retry-After.
net::Response busy_response(std::string_view error, std::string_view code, std::string_view message);

// What the intake made of a delivery or a request: 202 with the job, 500 or 503 and when to come again. `what`:
// "delivery", "request".
net::Response intake_response(const base::Result<queue::Accepted>& accepted, const std::string& what);

// Hands a delivery to the intake, and answers when it is durable or when it cannot be.
void store_and_answer(queue::Intake& intake, queue::Delivery delivery, const std::string& what,
                      const net::Responder& respond);

}  // namespace cadence::ingest
