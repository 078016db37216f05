// Requests whose answers nobody waits for: a bounded queue and one thread that sends them. Promises: add() never waits;
// what finds no room is dropped and counted; at the end what is queued is dropped as well.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "redis/cluster/client.hpp"

namespace cadence::redis::cluster {

struct DeferredOptions {
  std::size_t most_bytes = 32 << 20, most_requests = 65536;
  std::size_t batch_bytes = 1 << 20, batch_requests = 256;
  std::chrono::milliseconds limit{1000};  // of a batch
};

struct DeferredCounts {
  std::uint64_t done = 0, failed = 0, dropped = 0;
  std::size_t waiting = 0;
};

class Deferred {
 public:
  explicit Deferred(Client& client, DeferredOptions options = {});
  ~Deferred();
  void add(Request request);  // as Client::ask takes them
  [[nodiscard]] DeferredCounts counts() const;

 private:
  void send_loop(const std::stop_token& stop);
  std::vector<Request> next_batch(const std::stop_token& stop);

  Client& client_;
  const DeferredOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<Request> queue_;
  std::size_t bytes_ = 0;
  DeferredCounts counts_;
  std::jthread sender_;
};

}  // namespace cadence::redis::cluster
