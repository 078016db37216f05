#include "api/rate_limit.hpp"

#include <algorithm>
#include <cmath>

#include "ingest/answers.hpp"

namespace cadence::api {
namespace {

constexpr std::size_t kMostCallers = 10000;

std::chrono::seconds rounded_up(double seconds) {
  constexpr double kNoise = 1e-6;  // of sums of fractions
  return std::chrono::seconds(static_cast<std::int64_t>(std::ceil(std::max(seconds - kNoise, 0.0))));
}

}  // namespace

double RateLimit::refilled(const Bucket& bucket, base::Monotonic now) const {
  const auto full = static_cast<double>(per_minute_);
  return std::min(full, bucket.tokens + std::chrono::duration<double>(now - bucket.at).count() * full / 60);
}

void RateLimit::forget_the_full(base::Monotonic now) {
  std::erase_if(buckets_,
                [&](const auto& one) { return refilled(one.second, now) >= static_cast<double>(per_minute_); });
  // All of them are busy: whoever comes to many addresses gets no more memory of ours for it.
  if (buckets_.size() >= kMostCallers) buckets_.clear();
}

RateLimit::Turn RateLimit::take(const std::string& caller, base::Monotonic now) {
  if (per_minute_ == 0) return {};
  const auto full = static_cast<double>(per_minute_);
  std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMostCallers && !buckets_.contains(caller)) forget_the_full(now);
  auto& bucket = buckets_.try_emplace(caller, Bucket{full, now}).first->second;
  bucket = {refilled(bucket, now), now};
  const bool is_granted = bucket.tokens >= 1;
  if (is_granted) bucket.tokens -= 1;
  const auto seconds_for = [&](double tokens) { return rounded_up((tokens - bucket.tokens) * 60 / full); };
  return {is_granted, per_minute_, static_cast<std::int64_t>(bucket.tokens), seconds_for(1), seconds_for(full)};
}

net::Response with_limit(net::Response response, const RateLimit::Turn& turn) {
  if (turn.limit == 0) return response;
  response.headers.push_back({"X-RateLimit-Limit", std::to_string(turn.limit)});
  response.headers.push_back({"X-RateLimit-Remaining", std::to_string(turn.remaining)});
  response.headers.push_back({"X-RateLimit-Reset", std::to_string(turn.until_full.count())});
  return response;
}

net::Response too_many_requests(const RateLimit::Turn& turn) {
  auto response = ingest::error_response(429, "too many requests", "rate_limited",
                                         std::to_string(turn.limit) + " a minute are allowed");
  response.headers.push_back({"Retry-After", std::to_string(std::max<std::int64_t>(turn.until_next.count(), 1))});
  return with_limit(std::move(response), turn);
}

}  // namespace cadence::api
