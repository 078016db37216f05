#include "telemetry/otlp.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "json/value.hpp"
#include "net/wire.hpp"

namespace cadence::telemetry {
namespace {

using base::Error;
using base::ErrorKind;

std::string nanoseconds(base::Wall time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

json::Value attribute(const std::string& key, const std::variant<std::string, std::int64_t>& value) {
  json::Value one{{"key", key}};
  if (const auto* text = std::get_if<std::string>(&value)) one["value"] = {{"stringValue", *text}};
  else one["value"] = {{"intValue", std::to_string(std::get<std::int64_t>(value))}};
  return one;
}

json::Value attributes_of(const std::vector<trace::Attribute>& attributes) {
  auto list = json::Value::array();
  for (const auto& [key, value] : attributes) list.push_back(attribute(key, value));
  return list;
}

json::Value span_of(const trace::Span& span) {
  constexpr int kError = 2;
  json::Value one{{"traceId", span.self.trace_id},
                  {"spanId", span.self.span_id},
                  {"flags", span.self.is_sampled ? 1 : 0},
                  {"name", span.name},
                  {"kind", static_cast<int>(span.kind)},
                  {"startTimeUnixNano", nanoseconds(span.begun)},
                  {"endTimeUnixNano", nanoseconds(std::max(span.begun, span.ended))},
                  {"attributes", attributes_of(span.attributes)}};
  if (!span.parent_id.empty()) one["parentSpanId"] = span.parent_id;
  if (!span.self.state.empty()) one["traceState"] = span.self.state;
  if (!span.error.empty()) one["status"] = {{"code", kError}, {"message", span.error}};
  return one;
}

}  // namespace

std::string trace_request(const Resource& resource, std::span<const trace::Span> spans) {
  auto list = json::Value::array();
  for (const auto& span : spans) list.push_back(span_of(span));
  json::Value scope{{"scope", {{"name", "cadence-webhook"}, {"version", resource.version}}},
                    {"spans", std::move(list)}};
  const auto about = attributes_of({{"service.name", resource.service_name},
                                    {"service.version", resource.version},
                                    {"service.instance.id", resource.instance}});
  json::Value all{{"resource", {{"attributes", about}}}, {"scopeSpans", json::Value::array({std::move(scope)})}};
  return json::dump({{"resourceSpans", json::Value::array({std::move(all)})}});
}

base::Result<std::vector<net::Header>> read_headers(std::string_view text) {
  std::vector<net::Header> headers;
  const auto commas = base::replace_all(std::string(text), "\n", ",");
  for (const auto& part : base::split(commas, ',')) {
    const auto pair = base::trim(part);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = base::trim(pair.substr(0, std::min(equals, pair.size())));
    // The value may be a secret, so that no error holds it.
    if (equals == std::string_view::npos || !net::is_token(name))
      return Error{ErrorKind::Invalid, "has an entry that is not NAME=VALUE"};
    auto value = net::percent_decode(base::trim(pair.substr(equals + 1)));
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return Error{ErrorKind::Invalid, "has a value with a line break for " + std::string(name)};
    headers.push_back({std::string(name), std::move(value)});
  }
  return headers;
}

Verdict verdict_of(int status) {
  if (status >= 200 && status < 300) return Verdict::Taken;
  return status == 429 || status == 502 || status == 503 || status == 504 ? Verdict::Later : Verdict::Never;
}

std::optional<std::chrono::milliseconds> wait_asked_for(const net::Response& response) {
  constexpr std::int64_t kMost = 30;
  const auto seconds = base::parse_integer(base::trim(net::find_header(response.headers, "Retry-After")));
  if (!seconds || *seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, kMost));
}

std::int64_t rejected_in(const std::string& body) {
  const auto read = json::parse(body.empty() ? "{}" : body);
  if (!read) return 0;
  const auto& count = json::at_path(*read, {"partialSuccess", "rejectedSpans"});
  if (count.is_number_integer()) return count.get<std::int64_t>();
  return count.is_string() ? base::parse_integer(count.get<std::string>()).value_or(0) : 0;
}

}  // namespace cadence::telemetry
