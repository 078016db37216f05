// Spans as OTLP 1.x writes them in JSON (opentelemetry-proto, "JSON Protobuf Encoding"), and what a collector's answer
// means. Pure. Promises: ids are hexadecimal, 64-bit numbers are text and enumerations numbers, as the specification
// wants; text is valid UTF-8, whatever a sender put into a name.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/http.hpp"
#include "trace/span.hpp"

namespace cadence::telemetry {

struct Resource {
  std::string service_name, version, instance;
};

std::string trace_request(const Resource& resource, std::span<const trace::Span> spans);

// NAME=VALUE,NAME=VALUE as in OTEL_EXPORTER_OTLP_HEADERS; lines count as commas do.
base::Result<std::vector<net::Header>> read_headers(std::string_view text);

enum class Verdict { Taken, Later, Never };
// OTLP/HTTP, "Failures": which answers are worth another try.
Verdict verdict_of(int status);
// Retry-After in seconds, half a minute at most; nothing where it says no number.
std::optional<std::chrono::milliseconds> wait_asked_for(const net::Response& response);
// Of those that were sent, how many the collector did not take (partial success).
std::int64_t rejected_in(const std::string& body);

}  // namespace cadence::telemetry
