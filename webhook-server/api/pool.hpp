// A few threads for work that must not hold up a server thread: database reads, large bodies. Promises: bounded queue;
// submit never blocks; stop() finishes what was taken.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cadence::api {

class Pool {
 public:
  Pool(int threads, std::size_t waiting);
  ~Pool();
  bool submit(std::function<void()> work);  // false: full or stopping
  void stop();

 private:
  std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<std::function<void()>> waiting_;
  bool is_stopped_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace cadence::api
