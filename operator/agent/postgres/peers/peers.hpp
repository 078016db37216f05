// What agents ask of each other over mutual TLS: to let go of a lost primary (disarm), or to stay with a primary that
// cannot reach the API server (promise). Both sides of the wire are here, so that they agree. Promises: peers are asked
// all at the same time, within one deadline; only a certificate of the cluster's PostgreSQL instances is let in; a peer
// that does not answer is absent from the result. Decides nothing.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "agent/postgres/peers/addresses.hpp"
#include "agent/postgres/peers/commitment.hpp"
#include "agent/postgres/status/board.hpp"
#include "net/server.hpp"
#include "net/transport.hpp"

namespace cadence::agent::postgres {

class Peers {
 public:
  Peers(const Options& options, const Addresses& addresses) : options_(options), addresses_(addresses) {}

  // Reports of `names` that answered; `record`: the resource version the election goes by.
  std::vector<rules::MemberReport> disarm(const std::vector<std::string>& names, const std::string& record,
                                          std::stop_token stop = {});
  // What `name` says of itself on its trusted port.
  base::Result<rules::InstanceStatus> status(const std::string& name);
  // How many of `names` promised.
  std::size_t promise(const std::vector<std::string>& names, std::int64_t term, std::stop_token stop = {});

 private:
  base::Result<json::Value> ask(const std::string& name, const char* target, const json::Value& body,
                                std::chrono::milliseconds at_most, std::stop_token stop);
  base::Result<std::string> send(const std::string& name, const net::Request& request,
                                 std::chrono::milliseconds at_most, std::stop_token stop);
  std::shared_ptr<net::Transport> transport_to(const std::string& name);
  const Options& options_;
  const Addresses& addresses_;
  std::mutex mutex_;
  struct Known {
    std::string address;
    std::shared_ptr<net::Transport> transport;
  };
  std::map<std::string, Known> known_;  // by instance; one that has moved is not asked over its old connections
};

// Calls that wait for the agent's main loop.
class DisarmCalls {
 public:
  struct Call {
    std::string record;
    net::Responder respond;
  };
  explicit DisarmCalls(std::function<void()> wake) : wake_(std::move(wake)) {}
  void push(Call call);
  std::optional<Call> take();

 private:
  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<Call> calls_;
};
net::Response encode_report(const rules::MemberReport& report);

// `view`: the Lease as this instance sees it now. The certificate is read again by refresh().
class PeerServer {
 public:
  // `heard`: called with the name and the address of each peer that asks, on the server's thread.
  PeerServer(const Options& options, DisarmCalls& calls, Commitment& commitment, const Board& board,
             std::function<std::optional<rules::LeaseView>()> view,
             std::function<void(const std::string& instance, const std::string& address)> heard);
  // Starts when the certificate is there, and takes a new one when it changed.
  base::Result<void> refresh();

 private:
  std::variant<net::Response, net::Accept> handle(const net::RequestHead& head);
  net::Response promise(const std::string& body);
  const Options& options_;
  DisarmCalls& calls_;
  Commitment& commitment_;
  const Board& board_;
  std::function<std::optional<rules::LeaseView>()> view_;
  std::function<void(const std::string& instance, const std::string& address)> heard_;
  std::string certificate_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace cadence::agent::postgres
