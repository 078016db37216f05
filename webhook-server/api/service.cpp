#include "api/service.hpp"

#include "api/openapi.hpp"
#include "api/page_answers.hpp"
#include "api/views.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "ingest/answers.hpp"
#include "json/value.hpp"

namespace cadence::api {

namespace {

using ingest::error_response;
using net::Response;

constexpr int kLongestPage = 1000;

Response store_failure(const base::Error& error) {
  base::log_warning("A request could not read the job store", {{"error", error.message}});
  auto response = error_response(503, "job store is unavailable", "store_unavailable", "try again");
  response.headers.push_back({"Retry-After", "5"});
  return response;
}

queue::JobFilter filter_of(const net::RequestHead& head) {
  queue::JobFilter filter;
  const auto limit = base::parse_integer(net::query_value(head.target, "limit")).value_or(filter.limit);
  filter.limit = limit <= 0 || limit > kLongestPage ? kLongestPage : static_cast<int>(limit);
  const auto offset = base::parse_integer(net::query_value(head.target, "offset")).value_or(0);
  filter.offset = static_cast<int>(std::clamp<std::int64_t>(offset, 0, queue::kMostFiltered));
  filter.repo = net::query_value(head.target, "repo");
  return filter;
}

}  // namespace

Service::Service(Parts parts, WatchedHooks watched_hooks)
    : parts_(std::move(parts)),
      watched_hooks_(std::move(watched_hooks)),
      limit_(parts_.requests_per_minute),
      cors_(parts_.cors_origins),
      streams_(parts_.store, parts_.requests),
      pages_({parts_.store, parts_.door, parts_.links, [this] { return parts_.workers.depth(); },
              [this](auto read) { return aside(std::move(read)); }, watched_hooks_}),
      router_(parts_.measures) {
  const auto get = [this](const char* pattern, auto answer) {
    router_.add("GET", pattern,
                [answer](const net::RequestHead& head, const std::string& id) -> Reaction { return answer(head, id); });
  };
  for (const auto& sender : parts_.receiver.senders())
    router_.add("POST", "/webhooks/" + std::string(sender.provider.name),
                [this, &sender](auto& head, auto&) { return parts_.receiver.receive(sender, head); });
  router_.add("POST", "/webhook",
              [this](auto& head, auto&) { return parts_.receiver.receive(parts_.receiver.sender_of(head), head); });
  guard("POST", "/api/analyze/repository", Scope::Analyze,
        [this](auto& head, auto&, auto& caller) { return parts_.requests.repository(head, caller); });
  guard("POST", "/api/analyze/website", Scope::Analyze,
        [this](auto& head, auto&, auto& caller) { return parts_.requests.website(head, caller); });
  for (const auto kind : {JobStreams::Kind::Repository, JobStreams::Kind::Website}) {
    const char* path = kind == JobStreams::Kind::Repository ? "/api/stream/repository" : "/api/stream/website";
    guard("POST", path, Scope::Analyze,
          [this, kind](auto& head, auto&, auto& caller) { return streams_.post(kind, head, caller); });
    guard("GET", path, Scope::Analyze,
          [this, kind](auto& head, auto&, auto& caller) { return streams_.get(kind, head, caller); });
  }
  guard("GET", "/jobs", Scope::Read, [this](auto& head, auto&, auto&) { return read_jobs(head); });
  guard("GET", "/jobs/:id", Scope::Read, [this](auto&, auto& id, auto&) { return read_job(id, job_view); });
  guard("GET", "/api/results/:id", Scope::Read,
        [this](auto&, auto& id, auto&) { return read_job(id, flat_result_view); });
  guard("GET", "/ready/deep", Scope::Read, [this](auto&, auto&, auto&) { return read_deep(); });
  guard("GET", "/api/metrics", Scope::Read, [this](auto&, auto&, auto&) {
    const auto cached = parts_.cache == nullptr ? cache::CacheCounts{} : parts_.cache->counts();
    return net::json_response(200, json::dump(parts_.measures.statistics(cached)));
  });
  // Upstream's plugins are compiled in; here there are none.
  guard("GET", "/api/plugins", Scope::Read,
        [](auto&, auto&, auto&) { return net::json_response(200, R"({"count":0,"plugins":[]})"); });
  add_openapi();
  pages_.add_to(router_);
  add_cache_routes();
  get("/health", [this](auto&, auto&) { return health(); });
  get("/readyz", [this](auto&, auto&) {
    return net::text_response(is_draining_ ? 503 : 200, is_draining_ ? "draining\n" : "ok\n");
  });
  get("/livez", [](auto&, auto&) { return net::text_response(200, "ok\n"); });
  get("/metrics", [this](auto&, auto&) { return metrics(); });
  // What cadence_store_up cannot say: why not. A label with free text would make a series of each wording, and /health
  // is public. Below /metrics, because our load balancer lets nothing through that begins with it.
  get("/metrics/store", [this](auto&, auto&) {
    const auto hooks = watched_hooks_ ? watched_hooks_() : std::vector<pages::WatchedHook>();
    return net::json_response(200, store_view(parts_.workers.store_health(), hooks));
  });
  get("/version", [this](auto&, auto&) { return net::json_response(200, json::dump({{"version", parts_.version}})); });
}

// It holds no secret, and programs are written before they have a token.
void Service::add_openapi() {
  std::vector<std::string> senders;
  for (const auto& sender : parts_.receiver.senders()) senders.emplace_back(sender.provider.name);
  router_.add("GET", "/api/openapi.json",
              [text = json::dump(openapi_document(senders, parts_.version))](auto&, auto&) -> Reaction {
                return net::json_response(200, text);
              });
}

void Service::guard(const char* method, const char* pattern, Scope scope,
                    std::function<Reaction(const net::RequestHead&, const std::string&, const Caller&)> answer) {
  router_.add(
      method, pattern,
      [this, scope, answer = std::move(answer)](const net::RequestHead& head, const std::string& id) -> Reaction {
        auto admitted = parts_.door.admit(head, scope);
        if (auto* refusal = std::get_if<Response>(&admitted)) return std::move(*refusal);
        const auto& caller = std::get<Caller>(admitted);
        const auto turn = limit_.take(caller.key, base::system_clock().monotonic());
        if (!turn.is_granted) return too_many_requests(turn);
        auto reaction = answer(head, id, caller);
        if (turn.limit == 0) return reaction;
        return turned(std::move(reaction), [turn](Response response) { return with_limit(std::move(response), turn); });
      });
}

Reaction Service::handle(const net::RequestHead& head) const {
  if (auto preflight = cors_.preflight(head)) return std::move(*preflight);
  auto reaction = router_.route(head);
  const auto reader = cors_.reader_of(head);
  if (!reader) return reaction;
  return turned(std::move(reaction),
                [origin = *reader](Response response) { return Cors::readable(std::move(response), origin); });
}

Response Service::health() const {
  const auto now = base::format_rfc3339_micro(base::system_clock().wall());
  const json::Value body = {{"status", is_draining_ ? "draining" : "ok"},
                            {"time", now},
                            {"timestamp", now},
                            {"uptime_seconds", parts_.measures.uptime_seconds()},
                            {"jobs_processed", parts_.measures.jobs_processed()},
                            {"active_jobs", parts_.workers.active()},
                            {"queue_depth", parts_.workers.depth().waiting},
                            {"version", parts_.version},
                            {"replica", parts_.replica}};
  return net::json_response(is_draining_ ? 503 : 200, json::dump(body));
}

Response Service::metrics() const {
  Gauges gauges;
  gauges.active_jobs = parts_.workers.active();
  gauges.queue_depth = parts_.workers.depth().waiting;
  const auto intake = parts_.intake.counts();
  gauges.waiting_deliveries = static_cast<std::int64_t>(intake.held);
  if (parts_.spool != nullptr) {
    const auto state = parts_.spool->state();
    gauges.spool = SpoolGauges{state, intake.spooled, intake.spool_refused, parts_.drain->taken_in()};
  }
  if (parts_.cache != nullptr) gauges.cache = parts_.cache->counts();
  gauges.body_bytes = static_cast<std::int64_t>(parts_.budget.used());
  gauges.connections = static_cast<std::int64_t>(parts_.connections());
  gauges.is_store_reachable = parts_.workers.store_health().is_up;
  auto text = parts_.measures.text(gauges);
  if (parts_.more_metrics) text += parts_.more_metrics();
  return {200, {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}, std::move(text)};
}

Reaction Service::aside(std::function<Response()> read) {
  return after_body([this, read = std::move(read)](net::Responder respond) {
    if (parts_.pool.submit([read, respond] { respond(read()); })) return;
    auto response = error_response(503, "server is busy", "busy", "too many requests read the job store");
    response.headers.push_back({"Retry-After", "1"});
    respond(std::move(response));
  });
}

Reaction Service::read_job(const std::string& id, std::string (*view)(const queue::Job&)) {
  if (!is_job_id(id)) return error_response(404, "job not found", "not_found", "job ids are UUIDs");
  return aside([this, id = base::to_lower(id), view] {
    const auto job = parts_.store.find(id);
    if (!job) return store_failure(job.error());
    if (!*job) return error_response(404, "job not found", "not_found", "no job has this id");
    return net::json_response(200, view(**job));
  });
}

Reaction Service::read_jobs(const net::RequestHead& head) {
  auto filter = filter_of(head);
  const bool is_array = net::query_value(head.target, "format") == "array";
  if (const auto status = net::query_value(head.target, "status"); !status.empty()) {
    filter.status = queue::parse_status(status);
    // nothing is in a state that does not exist
    if (!filter.status) return net::json_response(200, jobs_view({}, is_array));
  }
  return aside([this, filter, is_array] {
    const auto page = parts_.store.list(filter);
    return page ? net::json_response(200, jobs_view(*page, is_array)) : store_failure(page.error());
  });
}

Reaction Service::read_deep() {
  return aside([this] {
    const auto read = parts_.store.find("00000000-0000-4000-8000-000000000000");
    const json::Value body = {{"status", read ? "ok" : "degraded"}, {"store", read ? "ok" : "unavailable"}};
    return net::json_response(read ? 200 : 503, json::dump(body));
  });
}

}  // namespace cadence::api
