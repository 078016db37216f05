// Receives deliveries over HTTP: limits, signature while the body arrives, event filter, and an answer once the job is
// durable. Promises: no body is looked into before its signature is right; nothing is answered 202 that is not stored;
// memory stays within the byte budget; the server's thread never waits.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "ingest/budget.hpp"
#include "ingest/secrets.hpp"
#include "net/server.hpp"
#include "queue/intake.hpp"

namespace cadence::ingest {

struct ReceiverOptions {
  std::uint64_t max_body = 27262976;  // 26 MiB: GitHub sends up to 25 MB
  std::int64_t queue_capacity = 10000;
};

class GithubReceiver {
 public:
  // `depth` tells how many jobs wait in the shared queue; `run_aside` runs work that takes longer than a server thread
  // may be held (false: no room).
  GithubReceiver(Secrets& secrets, Budget& budget, queue::Intake& intake, ReceiverOptions options,
                 std::function<std::int64_t()> depth, std::function<bool(std::function<void()>)> run_aside);

  std::variant<net::Response, net::Accept> receive(const net::RequestHead& head);

 private:
  class Sink;
  void answer_verified(const net::RequestHead& head, const std::string& body, const std::vector<const Secret*>& secrets,
                       const net::Responder& respond);
  void enqueue(queue::Delivery delivery, const net::Responder& respond);

  Secrets& secrets_;
  Budget& budget_;
  queue::Intake& intake_;
  ReceiverOptions options_;
  std::function<std::int64_t()> depth_;
  std::function<bool(std::function<void()>)> run_aside_;
};

}  // namespace cadence::ingest
