#include "redis/cluster/slot_map.hpp"

#include <algorithm>

namespace cadence::redis::cluster {

SlotMap::SlotMap(const std::vector<NodeEntry>& table, const Address& asked) : SlotMap() {
  for (const auto& node : table) {
    const bool is_there = node.is_master && !node.is_failed && !node.has_no_address && !node.is_handshaking;
    if (!is_there || node.slots.empty()) continue;
    epoch_ = std::max(epoch_, node.config_epoch);
    const Address address{node.address.ip.empty() ? asked.ip : node.address.ip, node.address.port};
    for (const auto& range : node.slots) {
      for (int slot = std::max(range.first, 0); slot <= std::min(range.last, kSlotCount - 1); ++slot)
        move(slot, address);
    }
  }
}

std::uint16_t SlotMap::place_of(const Address& address) {
  const auto place = std::find(masters_.begin(), masters_.end(), address) - masters_.begin();
  if (place == std::ssize(masters_)) masters_.push_back(address);
  return static_cast<std::uint16_t>(place);
}

std::optional<Address> SlotMap::owner(int slot) const {
  const auto place = owners_.at(static_cast<std::size_t>(slot));
  return place == kNobody ? std::nullopt : std::optional(masters_[place]);
}

void SlotMap::move(int slot, const Address& to) {
  const auto place = place_of(to);
  auto& owner = owners_.at(static_cast<std::size_t>(slot));
  if (owner == kNobody) ++covered_;
  owner = place;
}

bool is_better(const SlotMap& one, const SlotMap& other) {
  return one.covered() != other.covered() ? one.covered() > other.covered() : one.epoch() > other.epoch();
}

}  // namespace cadence::redis::cluster
