// How many requests a minute each caller may make of this replica: a bucket each, refilled evenly, so that a burst is
// as good as a steady stream. Any thread. Promises: the number of callers it remembers is bounded; who is forgotten is
// as good as new.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "net/http.hpp"

namespace cadence::api {

class RateLimit {
 public:
  // 0: none.
  explicit RateLimit(std::int64_t per_minute) : per_minute_(per_minute) {}

  struct Turn {
    bool is_granted = true;
    std::int64_t limit = 0, remaining = 0;  // a limit of 0: there is none
    std::chrono::seconds until_next{0};     // one is granted then
    std::chrono::seconds until_full{0};
  };
  Turn take(const std::string& caller, base::Monotonic now);

 private:
  struct Bucket {
    double tokens = 0;
    base::Monotonic at{};
  };
  void forget_the_full(base::Monotonic now);
  [[nodiscard]] double refilled(const Bucket& bucket, base::Monotonic now) const;

  const std::int64_t per_minute_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

// X-RateLimit-Limit, -Remaining and -Reset (seconds); nothing where there is no limit.
net::Response with_limit(net::Response response, const RateLimit::Turn& turn);
net::Response too_many_requests(const RateLimit::Turn& turn);

}  // namespace cadence::api
