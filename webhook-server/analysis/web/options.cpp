#include "analysis/web/options.hpp"

#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {

bool StrategySwitches::set(std::string_view name, bool enabled) {
  for (const Strategy& strategy : strategies()) {
    if (name != strategy.name) continue;
    if (enabled) {
      disabled_.erase(std::string(name));
    } else {
      disabled_.insert(std::string(name));
    }
    return true;
  }
  return false;
}

}  // namespace cadence::analysis::web
