// Receives deliveries of every sender over HTTP: limits, proof while the body arrives, event filter, and an answer once
// the jobs are durable. Promises: no body is looked into before its proof holds; nothing is answered 202 that is not
// stored; memory stays within the byte budget; the server's thread never waits. Knows senders by their Provider only.
#pragma once

#include <functional>

#include "ingest/budget.hpp"
#include "ingest/held_body.hpp"
#include "ingest/providers/provider.hpp"
#include "net/server.hpp"
#include "queue/intake.hpp"
#include "trace/span.hpp"

namespace cadence::ingest {

struct ReceiverOptions {
  std::uint64_t max_body = 27262976;      // 26 MiB: GitHub sends up to 25 MB
  std::int64_t queue_capacity = 1000000;  // pushes that wait
  trace::Spans* spans = nullptr;          // where spans of deliveries go; null: nowhere
};

struct Sender {
  const Provider& provider;
  Secrets& secrets;
};

class Receiver {
 public:
  // `senders`: not empty, in the order in which they are asked whether a delivery is theirs; the last one named
  // "github" gets what is nobody's. `depth` tells how many jobs wait in the shared queue; `run_aside` runs work that
  // takes longer than a server thread may be held (false: no room).
  Receiver(std::vector<Sender> senders, Budget& budget, queue::Intake& intake, ReceiverOptions options,
           std::function<std::int64_t()> depth, std::function<bool(std::function<void()>)> run_aside);

  [[nodiscard]] const std::vector<Sender>& senders() const { return senders_; }
  // Whose delivery it is by its headers: of those that have a secret if any, else GitHub's.
  [[nodiscard]] const Sender& sender_of(const net::RequestHead& head) const;
  std::variant<net::Response, net::Accept> receive(const Sender& sender, const net::RequestHead& head);

 private:
  class Sink;
  void answer_proven(const Sender& sender, const net::RequestHead& head, HeldBody& body,
                     const std::vector<const Secret*>& secrets, base::Wall begun, const net::Responder& respond);
  void enqueue(std::vector<queue::Delivery> deliveries, const net::Responder& respond);

  std::vector<Sender> senders_;
  Budget& budget_;
  queue::Intake& intake_;
  ReceiverOptions options_;
  std::function<std::int64_t()> depth_;
  std::function<bool(std::function<void()>)> run_aside_;
};

}  // namespace cadence::ingest
