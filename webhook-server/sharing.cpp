#include "sharing.hpp"

#include "analysis/source/git/shared_verdicts.hpp"

namespace cadence {

std::unique_ptr<cache::SharedCache> open_cache(const config::Config& config) {
  if (config.redis_seeds.empty()) return nullptr;
  (void)analysis::source::program_mark();  // reads the program once, and no push waits for it
  cache::CacheOptions options;
  options.seeds = config.redis_seeds;
  options.user = config.redis_user;
  options.password_file = config.redis_password_file;
  options.patience = std::chrono::milliseconds(config.redis_timeout_ms);
  options.lifetime = std::chrono::hours(config.redis_lifetime_hours);
  return std::make_unique<cache::SharedCache>(std::move(options));
}

}  // namespace cadence
