// The routes of the server and what stands behind each. Promises: /health never looks at the store; reads of the store
// never hold up a server thread. Further senders and endpoints are added here, one line each.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "api/cors.hpp"
#include "api/door.hpp"
#include "api/measures.hpp"
#include "api/page_routes.hpp"
#include "api/pool.hpp"
#include "api/rate_limit.hpp"
#include "api/requests.hpp"
#include "api/router.hpp"
#include "api/streams.hpp"
#include "cache/shared_cache.hpp"
#include "ingest/receiver.hpp"
#include "queue/spool_drain.hpp"
#include "queue/store.hpp"
#include "queue/workers.hpp"

namespace cadence::api {

struct Parts {
  queue::Store& store;
  queue::WorkerPool& workers;
  queue::Intake& intake;
  ingest::Receiver& receiver;
  AnalysisRequests& requests;
  const Door& door;
  const links::Links& links;
  ingest::Budget& budget;
  Measures& measures;
  Pool& pool;
  std::string version, replica;
  std::function<std::size_t()> connections;
  const queue::Spool* spool = nullptr;  // both, or none
  const queue::SpoolDrain* drain = nullptr;
  std::function<std::string()> more_metrics = nullptr;  // of others, in the same format
  cache::SharedCache* cache = nullptr;                  // where one is shared
  std::int64_t requests_per_minute = 0;                 // of one caller; 0: any number
  std::vector<std::string> cors_origins{};
};

class Service {
 public:
  using WatchedHooks = std::function<std::vector<pages::WatchedHook>()>;
  explicit Service(Parts parts, WatchedHooks watched_hooks = nullptr);
  Reaction handle(const net::RequestHead& head) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> routes() const { return router_.routes(); }
  void begin_drain() { is_draining_ = true; }  // from now on /health says 503
  void end_streams() { streams_.stop(); }      // each with an error event

 private:
  void add_openapi();
  net::Response health() const;
  net::Response metrics() const;
  Reaction read_job(const std::string& id, std::string (*view)(const queue::Job&));
  Reaction read_jobs(const net::RequestHead& head);
  Reaction read_deep();
  void add_cache_routes();
  // Only for whom the door admits.
  void guard(const char* method, const char* pattern, Scope scope,
             std::function<Reaction(const net::RequestHead&, const std::string&, const Caller&)> answer);
  // Runs a store read aside; 503 when too many wait.
  Reaction aside(std::function<net::Response()> read);

  Parts parts_;
  WatchedHooks watched_hooks_;
  RateLimit limit_;
  Cors cors_;
  JobStreams streams_;
  PageRoutes pages_;
  std::atomic<bool> is_draining_{false};
  Router router_;
};

}  // namespace cadence::api
