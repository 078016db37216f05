#include "api/requests.hpp"

#include <algorithm>

#include "analysis/source/guard/addresses.hpp"
#include "analysis/source/guard/url.hpp"
#include "analysis/source/guard/page_url.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "ingest/answers.hpp"
#include "ingest/held_body.hpp"
#include "ingest/payload.hpp"
#include "jobs/dispatch.hpp"
#include "json/value.hpp"

namespace cadence::api {

namespace {

using ingest::busy_response;
using ingest::error_response;
using ingest::MemberType;

constexpr std::uint64_t kMostBytes = 1 << 20;

net::Response refuse(const std::string& error, const char* code, const std::string& message = {}) {
  return error_response(400, error, code, message);
}

struct Asked {
  queue::JobSpec spec;
  const char* field;
  std::string host;
};

// What the body asks for, or the text of the refusal.
base::Result<Asked> read_repository(const ingest::Members& members) {
  const auto value = [&](std::string_view name) {
    const auto found = members.find(name);
    return found == members.end() ? std::string() : found->second;
  };
  Asked asked{{}, "repository_url", {}};
  asked.spec.event_type = jobs::kRepositoryJob;
  asked.spec.url = value("repository_url");
  if (asked.spec.url.empty()) {
    asked.spec.url = value("url");
    asked.field = "url";
  }
  if (asked.spec.url.empty()) return base::Error{base::ErrorKind::Invalid, "repository_url is required"};
  const auto url = analysis::source::parse_repository_url(asked.spec.url, false);
  if (!url) return base::Error{base::ErrorKind::Invalid, std::string(asked.field) + ": " + url.error().message};
  asked.host = url->host;
  asked.spec.branch = value("branch");
  if (auto branch = analysis::source::check_branch(asked.spec.branch); !branch) {
    return base::Error{base::ErrorKind::Invalid, "branch: " + branch.error().message};
  }
  return asked;
}

base::Result<Asked> read_website(const ingest::Members& members) {
  Asked asked{{}, "url", {}};
  asked.spec.event_type = jobs::kWebsiteJob;
  if (const auto found = members.find("url"); found != members.end()) asked.spec.url = found->second;
  if (asked.spec.url.empty()) return base::Error{base::ErrorKind::Invalid, "url is required"};
  const auto url = analysis::source::parse_page_url(asked.spec.url);
  if (!url) return base::Error{base::ErrorKind::Invalid, "url: " + url.error().message};
  asked.host = url->host;
  return asked;
}

// Why a host must not be reached; empty when it may be, or when nobody knows it now: the job will tell.
std::string refusal_of(const std::string& host) {
  const auto addresses = analysis::source::resolve(host, "443");
  if (!addresses) return {};
  for (const auto& address : *addresses) {
    if (const auto checked = analysis::source::check_public(host, address); !checked) return checked.error().message;
  }
  return {};
}

}  // namespace

class AnalysisRequests::Sink final : public net::RequestSink {
 public:
  Sink(AnalysisRequests& requests, Kind kind, Caller caller, std::string content_type)
      : requests_(requests),
        kind_(kind),
        caller_(std::move(caller)),
        content_type_(std::move(content_type)),
        body_(requests.budget_) {}

  void on_body(std::string_view piece) override { body_.add(piece); }
  void on_complete(net::Responder respond) override {
    if (body_.is_over_budget())
      return respond(busy_response("server is busy", "over_budget", "too many bytes of requests are under way"));
    requests_.answer(kind_, caller_, content_type_, body_.text(), respond);
  }

 private:
  AnalysisRequests& requests_;
  const Kind kind_;
  const Caller caller_;
  const std::string content_type_;
  ingest::HeldBody body_;
};

AnalysisRequests::AnalysisRequests(ingest::Budget& budget, queue::Intake& intake, RequestOptions options,
                                   std::function<queue::Depth()> depth)
    : budget_(budget), intake_(intake), options_(std::move(options)), depth_(std::move(depth)), lookups_(4, 64) {}

Reaction AnalysisRequests::repository(const net::RequestHead& head, const Caller& caller) {
  return net::Accept{std::make_unique<Sink>(*this, Kind::Repository, caller,
                                            std::string(net::find_header(head.headers, "Content-Type"))),
                     kMostBytes};
}

Reaction AnalysisRequests::website(const net::RequestHead& head, const Caller& caller) {
  return net::Accept{
      std::make_unique<Sink>(*this, Kind::Website, caller, std::string(net::find_header(head.headers, "Content-Type"))),
      kMostBytes};
}

void AnalysisRequests::answer(Kind kind, const Caller& caller, const std::string& content_type, const std::string& body,
                              const net::Responder& respond) {
  constexpr const char* kInvalid = "invalid request body";
  if (!ingest::is_json(content_type))
    return respond(refuse(kInvalid, "invalid_body", "send JSON with Content-Type: application/json"));
  const auto members = ingest::read_members(
      body, content_type,
      {{"repository_url", MemberType::Text}, {"url", MemberType::Text}, {"branch", MemberType::Text}});
  if (!members) return respond(refuse(kInvalid, "invalid_body", members.error().message));
  auto asked = kind == Kind::Repository ? read_repository(*members) : read_website(*members);
  if (!asked) return respond(refuse(asked.error().message, "invalid_request"));
  asked->spec.asked_by = caller.name;
  check_host(std::move(asked->spec), asked->field, asked->host, respond);
}

void AnalysisRequests::check_host(queue::JobSpec spec, const char* field, const std::string& host,
                                  const net::Responder& respond) {
  const bool is_allowed =
      options_.allow_private_networks || analysis::source::is_listed_host(options_.allowed_hosts, host);
  if (queue::is_trusted(spec) && is_allowed) return enqueue(std::move(spec), respond);
  const auto look_up = [this, spec, field, host, respond] {
    const std::string refusal = refusal_of(host);
    if (!refusal.empty()) return respond(refuse(std::string(field) + ": " + refusal, "address_not_allowed"));
    enqueue(spec, respond);
  };
  if (!lookups_.submit(look_up)) respond(busy_response("server is busy", "busy", "too many hosts are being looked up"));
}

std::optional<net::Response> AnalysisRequests::refusal_for(const queue::JobSpec& spec) {
  auto counted = depth_();
  std::lock_guard lock(mutex_);
  if (counted.counted_at != seen_.counted_at) seen_ = std::move(counted);
  // Many people may share a token, and one person has many addresses.
  const auto most = std::max<std::int64_t>(options_.queue_capacity / (queue::is_trusted(spec) ? 2 : 10), 1);
  if (seen_.asked >= options_.queue_capacity)
    return busy_response("queue is full", "queue_full", "analyses that were asked for wait in the queue already");
  if (seen_.by_caller[spec.asked_by] >= most) {
    auto response = error_response(429, "too many analyses", "too_many_of_one_caller",
                                   std::to_string(most) + " of yours are not finished yet");
    response.headers.push_back({"Retry-After", "10"});
    return response;
  }
  ++seen_.asked;
  ++seen_.by_caller[spec.asked_by];
  return std::nullopt;
}

void AnalysisRequests::enqueue(queue::JobSpec spec, const net::Responder& respond) {
  if (auto refusal = refusal_for(spec)) return respond(std::move(*refusal));
  queue::Delivery delivery;
  delivery.key = base::random_bytes(16);  // asking twice means wanting it twice
  delivery.provider = "api";
  delivery.event = spec.event_type;
  delivery.job_id = base::random_uuid();
  delivery.spec = std::move(spec);
  ingest::store_and_answer(intake_, std::move(delivery), "request", respond);
}

}  // namespace cadence::api
