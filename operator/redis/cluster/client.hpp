// A client of a Redis Cluster for what can be done without, such as a cache. Promises: no call outlives its deadline;
// redirects are followed within it; nobody waits for a map of the slots, which a thread of its own keeps, at most one
// refresh a second whoever asks for it; a node that does not answer is kept away from after two calls; seeds stay, and
// their names are looked up again when nothing else answers. Any thread. Does not know what is stored.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "redis/cluster/node.hpp"
#include "redis/cluster/refusal.hpp"
#include "redis/cluster/slot_map.hpp"

namespace cadence::redis::cluster {

struct ClientOptions {
  std::vector<std::string> seeds;  // host:port
  CredentialSource credentials;
  // The numeric addresses of a name; called by the refreshing thread alone.
  std::function<std::vector<std::string>(const std::string& host, const Limits& limits)> resolve;
  std::size_t most_idle = 8;  // connections that stay open, of each node
  BreakerOptions breaker{};
  std::chrono::milliseconds node_limit{500};       // one node's word on the slots
  std::chrono::milliseconds refresh_every{15000};  // what changes without a redirect is found out by then
  std::chrono::milliseconds refresh_pause{1000};   // between two refreshes at least
};

struct ClientCounts {
  std::uint64_t failed = 0;  // requests without an answer in time
  std::uint64_t redirects = 0, refreshes = 0, failed_refreshes = 0;
  int nodes = 0, kept_away_from = 0;
  bool has_map = false;
  std::string trouble;  // why the last refresh failed; empty: it did not
};

class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();  // within node_limit and the time of a look-up

  // A reply for each request, in order; an error reply is an Error. Each has one key, its second word, and may be done
  // twice: what was cut off is asked again.
  std::vector<base::Result<Reply>> ask(std::span<const Request> requests, const Limits& limits);
  // The same of every master; nothing while none is known.
  std::vector<base::Result<Reply>> ask_each(const Request& request, const Limits& limits);
  [[nodiscard]] ClientCounts counts() const;

 private:
  // A request that has no reply yet, and whom to ask.
  struct Open {
    std::size_t place = 0;
    int slot = 0;
    Address to;
    bool is_asking = false;
  };
  struct Exchange;  // with one node

  std::vector<Open> aim(std::span<const Request> requests) const;
  std::vector<Open> round(const std::vector<Open>& open, std::span<const Request> requests,
                          std::vector<base::Result<Reply>>& out, const Limits& limits);
  bool collect(Exchange& exchange, std::vector<base::Result<Reply>>& out, const Limits& limits,
               std::vector<Open>& again);
  std::shared_ptr<Node> node_at(const Address& address);
  void move(int slot, const Address& to);
  void want_refresh();

  void refresh_loop(const std::stop_token& stop);
  bool refresh(const std::stop_token& stop);
  std::vector<Address> seed_addresses(const std::stop_token& stop) const;
  base::Result<SlotMap> word_of(const Address& address, const std::stop_token& stop);
  void note_trouble(std::string why);
  void publish(SlotMap map);

  const ClientOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any wanted_;
  bool is_wanted_ = true;
  std::shared_ptr<const SlotMap> map_;  // null: none yet
  std::map<Address, std::shared_ptr<Node>> nodes_;
  std::string trouble_ = "it was not looked for yet";
  std::atomic<std::uint64_t> failed_{0}, redirects_{0}, refreshes_{0}, failed_refreshes_{0};
  std::jthread refresher_;
};

}  // namespace cadence::redis::cluster
