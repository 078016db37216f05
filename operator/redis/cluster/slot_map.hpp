// Who serves which slot, by the word of one node. Pure values. Does not know whether anybody answers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "redis/topology.hpp"

namespace cadence::redis::cluster {

class SlotMap {
 public:
  SlotMap() { owners_.fill(kNobody); }
  // `asked`: whose table it is; entries without an address are at that one.
  SlotMap(const std::vector<NodeEntry>& table, const Address& asked);

  [[nodiscard]] std::optional<Address> owner(int slot) const;
  void move(int slot, const Address& to);
  [[nodiscard]] const std::vector<Address>& masters() const { return masters_; }  // those with slots
  [[nodiscard]] int covered() const { return covered_; }                          // slots that somebody serves
  // The newest of the owners' epochs: each failover and each slot that changed hands makes a newer one.
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

 private:
  std::uint16_t place_of(const Address& address);

  static constexpr std::uint16_t kNobody = 0xffff;
  std::array<std::uint16_t, kSlotCount> owners_{};
  std::vector<Address> masters_;
  int covered_ = 0;
  std::uint64_t epoch_ = 0;
};

// Of two nodes' words the one to go by: who covers more, then who knows the newer epoch.
bool is_better(const SlotMap& one, const SlotMap& other);

}  // namespace cadence::redis::cluster
