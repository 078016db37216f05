#include "ingest/arrival.hpp"

#include <optional>

#include "base/text.hpp"
#include "json/value.hpp"
#include "trace/state.hpp"

namespace cadence::ingest {
namespace {

base::Wall now() { return base::system_clock().wall(); }

std::optional<trace::Context> context_in(const net::RequestHead& head) {
  std::optional<trace::Context> found;
  std::string state;
  for (const auto& header : head.headers) {
    if (base::equals_ignoring_case(header.name, "tracestate")) state += header.value + ",";
    if (!base::equals_ignoring_case(header.name, "traceparent")) continue;
    if (found) return std::nullopt;
    found = trace::parse_traceparent(header.value);
    if (!found) return std::nullopt;
  }
  if (found) found->state = trace::read_tracestate(state);
  return found;
}

// Of a repeated delivery the answer names the job that there was before.
std::string job_in(const net::Response& answer) {
  const auto body = json::parse(answer.body);
  return body ? json::string_at(*body, {"job_id"}) : std::string();
}

std::string error_of(const net::Response& response) {
  constexpr int kServerError = 500;
  return response.status < kServerError ? "" : "answered " + std::to_string(response.status);
}

}  // namespace

Arrival::Arrival(const net::RequestHead& head, std::string_view id, trace::Spans* spans, base::Wall begun)
    : spans_(spans), begun_(begun), delivery_(trace::tellable_id(id)) {
  auto context = context_in(head);
  if (spans_ != nullptr) {
    self_ = context ? trace::child_of(*context) : trace::new_trace(spans_->ratio());
    if (context) parent_id_ = context->span_id;
    context = self_;
  }
  origin_ = trace::to_text({context, delivery_});
}

net::Responder Arrival::recorded(const net::Responder& respond, std::string_view sender) const {
  if (spans_ == nullptr || !self_.is_sampled) return respond;
  return respond.with([arrival = *this, sender = std::string(sender), stored_from = now()](net::Response answer) {
    const auto ended = now();
    const auto job = job_in(answer);
    arrival.spans_->add({trace::child_of(arrival.self_),
                         arrival.self_.span_id,
                         "store",
                         trace::Kind::Internal,
                         stored_from,
                         ended,
                         error_of(answer),
                         {{"cadence.job", job}}});
    arrival.spans_->add({arrival.self_,
                         arrival.parent_id_,
                         "accept",
                         trace::Kind::Server,
                         arrival.begun_,
                         ended,
                         error_of(answer),
                         {{"http.request.method", "POST"},
                          {"http.response.status_code", answer.status},
                          {"cadence.sender", sender},
                          {"cadence.delivery", arrival.delivery_},
                          {"cadence.job", job}}});
    return answer;
  });
}

}  // namespace cadence::ingest
