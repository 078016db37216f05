#include "analysis/web/arena.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace cadence::analysis::web {
namespace {

constexpr std::size_t kHeader = alignof(std::max_align_t);  // before each piece: its size's place

}  // namespace

std::size_t Arena::place_of(std::size_t bytes) {
  if (bytes <= kSmall) return (bytes + kStep - 1) / kStep;
  return kSmallSizes + static_cast<std::size_t>(std::bit_width(bytes - 1));
}

std::size_t Arena::size_of(std::size_t place) {
  return place < kSmallSizes ? place * kStep : std::size_t{1} << (place - kSmallSizes);
}

void* Arena::allocate(std::size_t bytes) {
  if (bytes > limit_) return nullptr;
  const std::size_t place = place_of(bytes + kHeader);
  std::byte* piece = nullptr;
  if (free_[place] != nullptr) {
    piece = reinterpret_cast<std::byte*>(std::exchange(free_[place], free_[place]->next));
  } else {
    piece = static_cast<std::byte*>(take(size_of(place)));
    if (piece == nullptr) return nullptr;
  }
  const std::uint64_t header = place;
  std::memcpy(piece, &header, sizeof header);
  return piece + kHeader;
}

void Arena::release(void* at) {
  if (at == nullptr) return;
  std::byte* piece = static_cast<std::byte*>(at) - kHeader;
  std::uint64_t place = 0;
  std::memcpy(&place, piece, sizeof place);
  free_[place] = new (piece) Free{free_[place]};
}

void* Arena::take(std::size_t bytes) {
  if (bytes > left_) {
    const std::size_t block = std::max(bytes, kBlock);
    if (block > limit_ - held_) return nullptr;
    // not cleared: pages that are never used cost nothing
    blocks_.push_back(std::unique_ptr<std::byte[]>(new std::byte[block]));
    held_ += block;
    at_ = blocks_.back().get();
    left_ = block;
  }
  std::byte* piece = at_;
  at_ += bytes;
  left_ -= bytes;
  return piece;
}

}  // namespace cadence::analysis::web
