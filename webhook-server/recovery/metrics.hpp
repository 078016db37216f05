// What a watcher has done, as Prometheus text (exposition format 0.0.4). Pure.
#pragma once

#include <string>

#include "recovery/watcher.hpp"

namespace cadence::recovery {

std::string metrics_text(const WatcherState& state, base::Wall now);

}  // namespace cadence::recovery
