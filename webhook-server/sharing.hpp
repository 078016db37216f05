// The cache that replicas share, as the configuration asks for it.
#pragma once

#include <memory>

#include "cache/shared_cache.hpp"
#include "config/config.hpp"

namespace cadence {

// Null where nothing is shared. Whether anybody answers is not looked at: nothing waits for it.
std::unique_ptr<cache::SharedCache> open_cache(const config::Config& config);

}  // namespace cadence
