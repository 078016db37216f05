// POST /api/analyze/repository and /api/analyze/website: a small JSON body in, a durable job out. Promises: nothing is
// answered 202 that is not stored; what can never be analysed (wrong URL, host that is not public, branch that git does
// not allow) is refused with 400 that names the field; what is asked for never takes the place of a push, and no caller
// all of what there is for such. Private addresses are for callers with a token. The check of the host is a courtesy:
// the one that protects the network happens when a connection is made.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/door.hpp"
#include "api/pool.hpp"
#include "api/router.hpp"
#include "ingest/budget.hpp"
#include "queue/intake.hpp"

namespace cadence::api {

struct RequestOptions {
  std::int64_t queue_capacity = 200;  // jobs that were asked for and wait; pushes have their own
  std::vector<std::string> allowed_hosts;
  bool allow_private_networks = false;
};

class AnalysisRequests {
 public:
  AnalysisRequests(ingest::Budget& budget, queue::Intake& intake, RequestOptions options,
                   std::function<queue::Depth()> depth);

  Reaction repository(const net::RequestHead& head, const Caller& caller);
  Reaction website(const net::RequestHead& head, const Caller& caller);
  void stop() { lookups_.stop(); }

 private:
  class Sink;
  enum class Kind { Repository, Website };
  void answer(Kind kind, const Caller& caller, const std::string& content_type, const std::string& body,
              const net::Responder& respond);
  void check_host(queue::JobSpec spec, const char* field, const std::string& host, const net::Responder& respond);
  void enqueue(queue::JobSpec spec, const net::Responder& respond);

  ingest::Budget& budget_;
  queue::Intake& intake_;
  const RequestOptions options_;
  // Nothing when there is room for one more of this caller, whose place is then taken; else the refusal.
  std::optional<net::Response> refusal_for(const queue::JobSpec& spec);

  std::function<queue::Depth()> depth_;
  std::mutex mutex_;
  queue::Depth seen_;  // as counted, and what was let in since
  Pool lookups_;       // of host names, which take as long as their servers like
};

}  // namespace cadence::api
