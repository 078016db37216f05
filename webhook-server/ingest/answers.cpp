#include "ingest/answers.hpp"

#include "base/log.hpp"
#include "json/value.hpp"
#include "trace/origin.hpp"

namespace cadence::ingest {

using net::Response;

Response error_response(int status, std::string_view error, std::string_view code, std::string_view message) {
  json::Value body = {{"error", error}, {"code", code}};
  if (!message.empty()) body["message"] = message;
  return net::json_response(status, json::dump(body));
}

Response too_large_response(std::uint64_t limit) {
  return error_response(413, "payload too large", "too_large", "the limit is " + std::to_string(limit) + " bytes");
}

// Retry-After is short: the store is usually back within the failover time.
Response busy_response(std::string_view error, std::string_view code, std::string_view message) {
  auto response = error_response(503, error, code, message);
  response.headers.push_back({"Retry-After", "10"});
  return response;
}

Response intake_response(const base::Result<queue::Accepted>& accepted, const std::string& what) {
  if (accepted) {
    json::Value body = {{"job_id", accepted->job_id}, {"status", queue::to_string(accepted->status)}};
    if (accepted->is_spooled) body["spooled"] = true;
    return net::json_response(202, json::dump(body));
  }
  switch (accepted.error().kind) {
    case base::ErrorKind::Canceled: {
      auto response = error_response(500, "job queue is shutting down", "shutting_down", "send the " + what + " again");
      response.headers.push_back({"Retry-After", "5"});
      return response;
    }
    case base::ErrorKind::Transient:
      if (accepted.error().message.find(queue::kDiskIsFull) != std::string::npos)
        return busy_response("job store is unavailable", "disk_full",
                             std::string(queue::kDiskIsFull) + "; nothing was stored, send the " + what + " again");
      return busy_response("job store is unavailable", "store_unavailable",
                           "the " + what + " is not known to be stored, send the " + what + " again");
    case base::ErrorKind::Conflict:
    case base::ErrorKind::NotFound:
    case base::ErrorKind::Invalid:
    case base::ErrorKind::Forbidden:
    case base::ErrorKind::Bug:
      break;
  }
  base::log_error("The job store refused what was sent", {{"what", what}, {"error", accepted.error().message}});
  return error_response(500, what + " could not be stored", "store_refused", "see the server's log");
}

void store_and_answer(queue::Intake& intake, queue::Delivery delivery, const std::string& what,
                      const net::Responder& respond) {
  const auto settle = [respond, what, origin = delivery.spec.origin,
                       job = delivery.job_id](const base::Result<queue::Accepted>& accepted) {
    const base::LogContext context(accepted ? base::LogContextFields() : trace::log_fields(origin, job));
    respond(intake_response(accepted, what));
  };
  if (!intake.submit(std::move(delivery), settle))
    respond(busy_response("queue is full", "intake_full", "what was sent before waits for the job store already"));
}

}  // namespace cadence::ingest
