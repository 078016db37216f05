// What the cache that replicas share holds, and how to empty it.
#include "api/service.hpp"
#include "base/log.hpp"
#include "ingest/answers.hpp"
#include "json/value.hpp"

namespace cadence::api {
namespace {

net::Response cache_failure(const base::Error& error) {
  base::log_warning("A request could not reach the shared cache", {{"error", error.message}});
  auto response = ingest::error_response(503, "shared cache is unavailable", "cache_unavailable", "try again");
  response.headers.push_back({"Retry-After", "5"});
  return response;
}

// Hits and misses are this replica's, keys and evictions those of all that lies in Redis. Its bound is in bytes, not in
// entries, so there is no greatest number of them.
json::Value stats_view(const cache::CacheCounts& counts, const cache::CacheSize& size) {
  const auto asked = counts.hits + counts.misses;
  return {{"hits", counts.hits},
          {"misses", counts.misses},
          {"evictions", size.evictions},
          {"size", size.keys},
          {"maxSize", 0},
          {"hitRate", asked == 0 ? 0.0 : static_cast<double>(counts.hits) / static_cast<double>(asked)}};
}

}  // namespace

void Service::add_cache_routes() {
  guard("GET", "/api/cache/stats", Scope::Read, [this](auto&, auto&, auto&) {
    return aside([this] {
      if (parts_.cache == nullptr) return net::json_response(200, json::dump(stats_view({}, {})));
      const auto size = parts_.cache->size();
      return size ? net::json_response(200, json::dump(stats_view(parts_.cache->counts(), *size)))
                  : cache_failure(size.error());
    });
  });
  guard("POST", "/api/cache/clear", Scope::Analyze, [this](auto&, auto&, auto&) {
    return aside([this] {
      const auto cleared = parts_.cache == nullptr ? base::ok() : parts_.cache->clear();
      return cleared ? net::json_response(200, json::dump({{"status", "cleared"}, {"cleared", true}}))
                     : cache_failure(cleared.error());
    });
  });
}

}  // namespace cadence::api
