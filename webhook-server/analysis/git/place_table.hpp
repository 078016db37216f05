// Finds records in a list by the names of git objects: a flat table of eight bytes a slot, a third of what
// std::unordered_map needs in time and memory for a hundred thousand commits. Promises: names that somebody chose for
// their hashes make nothing slow, for each process has a seed of its own; no order depends on it. The records lie with
// the caller, who compares names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "analysis/git/oid.hpp"

namespace cadence::analysis::git {

struct HashSeed {
  std::uint64_t first = 1;  // odd, both
  std::uint64_t second = 1;
};
extern const HashSeed kHashSeed;  // of this process

// Multiply-shift hashing (Dietzfelbinger 1997) of names' first bytes.
inline std::uint32_t place_hash(const Oid& oid) {
  return static_cast<std::uint32_t>(OidHash()(oid) * kHashSeed.first >> 32U);
}
inline std::uint32_t place_hash(const Oid& first, const Oid& second) {
  return static_cast<std::uint32_t>((OidHash()(first) * kHashSeed.first + OidHash()(second) * kHashSeed.second) >> 32U);
}

class PlaceTable {
 public:
  // The place of the record with this hash for which is_it(place) holds.
  template <class Is>
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint32_t hash, const Is& is_it) const {
    if (slots_.empty()) return std::nullopt;
    const Slot& slot = slots_[slot_of(hash, is_it)];
    return slot.next_place == 0 ? std::nullopt : std::optional(slot.next_place - 1);
  }
  // False, and nothing done, when there is such a record already.
  template <class Is>
  bool add(std::uint32_t hash, std::uint32_t place, const Is& is_it) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[slot_of(hash, is_it)];
    if (slot.next_place != 0) return false;
    slot = {hash, place + 1};
    ++count_;
    return true;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t next_place = 0;  // one more than the place; 0: empty
  };

  template <class Is>
  [[nodiscard]] std::size_t slot_of(std::uint32_t hash, const Is& is_it) const {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].next_place != 0 && (slots_[at].hash != hash || !is_it(slots_[at].next_place - 1)))
      at = (at + 1) & (slots_.size() - 1);
    return at;
  }

  void grow() {
    const std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? 64 : old.size() * 2, {});
    for (const Slot& slot : old) {
      if (slot.next_place != 0) slots_[slot_of(slot.hash, [](std::uint32_t) { return false; })] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two
  std::size_t count_ = 0;
};

}  // namespace cadence::analysis::git
