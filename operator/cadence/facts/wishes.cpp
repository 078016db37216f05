#include "cadence/facts/wishes.hpp"

namespace cadence::facts {

std::map<std::string, std::string> lost_labels(const ExpectedObject& expected, const kube::core::ObjectMeta& live) {
  std::map<std::string, std::string> lost;
  for (const auto& [name, value] : expected.labels) {
    const auto found = live.labels.find(name);
    if (found == live.labels.end() || found->second != value) lost[name] = value;
  }
  return lost;
}

}  // namespace cadence::facts
