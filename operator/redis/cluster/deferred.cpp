#include "redis/cluster/deferred.hpp"

#include <algorithm>

namespace cadence::redis::cluster {
namespace {

std::size_t size_of(const Request& request) {
  std::size_t out = sizeof(Request);
  for (const auto& word : request) out += sizeof(std::string) + word.size();
  return out;
}

}  // namespace

Deferred::Deferred(Client& client, DeferredOptions options) : client_(client), options_(options) {
  sender_ = std::jthread([this](const std::stop_token& stop) { send_loop(stop); });
}

Deferred::~Deferred() {
  sender_.request_stop();
  sender_.join();
}

void Deferred::add(Request request) {
  const auto bytes = size_of(request);
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= options_.most_requests || bytes_ + bytes > options_.most_bytes) {
      ++counts_.dropped;
      return;
    }
    bytes_ += bytes;
    queue_.push_back(std::move(request));
  }
  arrived_.notify_one();
}

DeferredCounts Deferred::counts() const {
  std::lock_guard lock(mutex_);
  auto out = counts_;
  out.waiting = queue_.size();
  return out;
}

std::vector<Request> Deferred::next_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  std::vector<Request> out;
  if (!arrived_.wait(lock, stop, [this] { return !queue_.empty(); })) return out;
  std::size_t bytes = 0;
  while (!queue_.empty() && out.size() < options_.batch_requests && bytes < options_.batch_bytes) {
    bytes += size_of(queue_.front());
    out.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  bytes_ -= bytes;
  return out;
}

void Deferred::send_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto batch = next_batch(stop);
    if (batch.empty()) continue;
    const auto replies = client_.ask(batch, {base::system_clock().monotonic() + options_.limit, stop});
    const auto done = static_cast<std::uint64_t>(
        std::count_if(replies.begin(), replies.end(), [](const auto& reply) { return reply.is_ok(); }));
    std::lock_guard lock(mutex_);
    counts_.done += done;
    counts_.failed += batch.size() - done;
  }
}

}  // namespace cadence::redis::cluster
