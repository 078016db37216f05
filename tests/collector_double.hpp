// A double of an OTLP/HTTP collector on loopback. Promises: takes only what the specification's JSON encoding has
// (names of members, ids as hexadecimal, 64-bit numbers as text, enumerations as numbers) and notes everything else as
// a fault; answers out of the ordinary when it is told to.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "json/value.hpp"
#include "net/server.hpp"

namespace cadence::test {

struct TakenSpan {
  std::string service, trace_id, span_id, parent_id, name, state;
  int kind = 0, status = 0;
  std::int64_t begun = 0, ended = 0;
  std::map<std::string, std::string> attributes;
};

class CollectorDouble {
 public:
  CollectorDouble() {
    net::ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    auto server = net::start_server(
        options, net::simple_handler([this](auto& head, std::string body) { return answer(head, body); }, 8 << 20));
    server_ = std::move(*server);
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  void answer_all(std::optional<net::Response> answer) {
    const std::lock_guard lock(mutex_);
    always_ = std::move(answer);
  }
  [[nodiscard]] std::vector<TakenSpan> spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }
  [[nodiscard]] std::vector<std::string> faults() const {
    const std::lock_guard lock(mutex_);
    return faults_;
  }
  [[nodiscard]] int requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  [[nodiscard]] std::vector<net::Header> last_headers() const {
    const std::lock_guard lock(mutex_);
    return headers_;
  }

 private:
  net::Response answer(const net::RequestHead& head, const std::string& body) {
    const std::lock_guard lock(mutex_);
    ++requests_;
    headers_ = head.headers;
    if (always_) return *always_;
    if (head.method != "POST" || head.target != "/v1/traces") fault(head.method + " " + head.target);
    if (net::find_header(head.headers, "Content-Type") != "application/json") fault("Content-Type");
    const auto read = json::parse(body);
    if (!read) fault("no JSON");
    else take(*read);
    return net::json_response(200, "{}");
  }

  void fault(const std::string& what) { faults_.push_back(what); }
  void expect_members(const json::Value& value, const std::string& of, const std::set<std::string>& known) {
    for (const auto& [name, inner] : value.items())
      if (!known.contains(name)) fault(of + " has " + name);
  }

  void take(const json::Value& all) {
    expect_members(all, "the request", {"resourceSpans"});
    for (const auto& resource : all.at("resourceSpans")) {
      expect_members(resource, "resourceSpans", {"resource", "scopeSpans", "schemaUrl"});
      expect_members(resource.at("resource"), "resource", {"attributes", "droppedAttributesCount"});
      const auto about = attributes_in(resource.at("resource"));
      for (const auto& scope : resource.at("scopeSpans")) {
        expect_members(scope, "scopeSpans", {"scope", "spans", "schemaUrl"});
        expect_members(scope.at("scope"), "scope", {"name", "version", "attributes"});
        for (const auto& span : scope.at("spans")) take_span(span, about.at("service.name"));
      }
    }
  }

  void take_span(const json::Value& span, const std::string& service) {
    expect_members(span, "a span",
                   {"traceId", "spanId", "traceState", "parentSpanId", "flags", "name", "kind", "startTimeUnixNano",
                    "endTimeUnixNano", "attributes", "status"});
    TakenSpan taken;
    taken.service = service;
    taken.trace_id = id_in(span, "traceId", 32);
    taken.span_id = id_in(span, "spanId", 16);
    taken.name = span.at("name");
    if (span.contains("traceState")) taken.state = span.at("traceState").get<std::string>();
    if (span.contains("parentSpanId")) taken.parent_id = id_in(span, "parentSpanId", 16);
    if (!span.at("kind").is_number_integer()) fault("kind is no number");
    taken.kind = span.at("kind").get<int>();
    taken.begun = time_in(span, "startTimeUnixNano");
    taken.ended = time_in(span, "endTimeUnixNano");
    if (taken.ended < taken.begun) fault(taken.name + " ends before it begins");
    if (span.contains("status")) {
      expect_members(span.at("status"), "status", {"code", "message"});
      taken.status = span.at("status").at("code").get<int>();
    }
    taken.attributes = attributes_in(span);
    spans_.push_back(std::move(taken));
  }

  std::string id_in(const json::Value& span, const char* name, std::size_t length) {
    auto id = span.at(name).get<std::string>();
    if (id.size() != length || !base::from_hex(id)) fault(std::string(name) + " is " + id);
    return id;
  }
  std::int64_t time_in(const json::Value& span, const char* name) {
    if (!span.at(name).is_string()) fault(std::string(name) + " is no text");
    return base::parse_integer(span.at(name).get<std::string>()).value_or(0);
  }
  std::map<std::string, std::string> attributes_in(const json::Value& of) {
    std::map<std::string, std::string> found;
    for (const auto& one : of.at("attributes")) {
      expect_members(one, "an attribute", {"key", "value"});
      const auto& value = one.at("value");
      expect_members(value, "a value", {"stringValue", "intValue"});
      const auto& text = value.contains("stringValue") ? value.at("stringValue") : value.at("intValue");
      if (!text.is_string()) fault(one.at("key").get<std::string>() + " is no text");
      else found[one.at("key").get<std::string>()] = text.get<std::string>();
    }
    return found;
  }

  mutable std::mutex mutex_;
  std::optional<net::Response> always_;
  std::vector<TakenSpan> spans_;
  std::vector<std::string> faults_;
  std::vector<net::Header> headers_;
  int requests_ = 0;
  std::unique_ptr<net::Server> server_;
};

}  // namespace cadence::test
