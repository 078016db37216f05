// What replicas share in a Redis Cluster, as a cache. Promises: nothing here is needed and nothing here is believed: a
// cluster that is slow, empty, evicting, failing over or gone costs a bounded time and changes no answer; nothing is
// stored without an end. Any thread. Does not know what the blocks say.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/source/git/shared_blocks.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "redis/cluster/deferred.hpp"

namespace cadence::cache {

inline constexpr const char* kPrefix = "cadence:";  // of every key: the ACL user may touch no other

struct CacheOptions {
  std::vector<std::string> seeds;  // host:port
  std::string user = "default";
  std::string password_file;              // read for each connection
  std::chrono::milliseconds patience{5};  // how long an answer may take before we do without
  std::chrono::hours lifetime{168};       // of what is stored, about: it ends spread out
};

struct CacheCounts {
  std::uint64_t hits = 0, misses = 0;  // blocks that were there, and that were not
  std::uint64_t errors = 0;            // not asked, or not answered in time
  std::uint64_t stored = 0, dropped = 0;
  redis::cluster::ClientCounts cluster;
};

// What the nodes say of all that lies in them.
struct CacheSize {
  std::int64_t keys = 0, evictions = 0;
};

class SharedCache final : public analysis::source::SharedBlocks {
 public:
  explicit SharedCache(CacheOptions options);

  void find(std::span<const std::string> keys, std::chrono::milliseconds worth, const Found& found) override;
  bool wants(const std::string& key, std::uint64_t state) override;
  void keep(const std::string& key, std::uint64_t state, std::string block) override;

  // For all replicas, who hear of it at their next look; what was stored stays in Redis until its end, and is found by
  // nobody.
  base::Result<void> clear();
  [[nodiscard]] CacheCounts counts() const;
  base::Result<CacheSize> size();

 private:
  struct Kept {
    std::uint64_t state = 0;
    base::Monotonic at{};
  };
  std::string name_of(const std::string& generation, const std::string& key) const;
  std::optional<std::string> generation();
  bool find_some(std::span<const std::string> keys, std::size_t first, const std::string& generation,
                 std::chrono::milliseconds limit, const Found& found);
  void note(bool is_well);
  std::string ends_in();

  const CacheOptions options_;
  redis::cluster::Client client_;
  redis::cluster::Deferred deferred_;

  mutable std::mutex mutex_;
  std::optional<std::string> generation_;
  base::Monotonic generation_read_at_{};
  std::unordered_map<std::string, Kept> kept_;  // lately, by this process
  std::deque<std::string> order_;
  std::uint64_t hits_ = 0, misses_ = 0, errors_ = 0;
  int failures_ = 0;  // in a row
};

}  // namespace cadence::cache
