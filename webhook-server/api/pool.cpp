#include "api/pool.hpp"

namespace cadence::api {

Pool::Pool(int threads, std::size_t waiting) : limit_(waiting) {
  for (int i = 0; i < threads; ++i)
    threads_.emplace_back([this](std::stop_token stop) {
      for (;;) {
        std::function<void()> work;
        {
          std::unique_lock lock(mutex_);
          if (!arrived_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
          work = std::move(waiting_.front());
          waiting_.pop_front();
        }
        work();
      }
    });
}

Pool::~Pool() { stop(); }

bool Pool::submit(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (is_stopped_ || waiting_.size() >= limit_) return false;
    waiting_.push_back(std::move(work));
  }
  arrived_.notify_one();
  return true;
}

void Pool::stop() {
  {
    std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  for (auto& thread : threads_) thread.request_stop();
  for (auto& thread : threads_)
    if (thread.joinable()) thread.join();
}

}  // namespace cadence::api
