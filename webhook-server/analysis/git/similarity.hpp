// How alike two files are, by name and by content. Pure arithmetic on integers.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace cadence::analysis::git {

// 0-100, on full paths: how much of the folders (from the left and from the right) and of the base name's end agree.
std::uint64_t name_score(std::string_view a, std::string_view b);

// The blocks of a file, summed by key.
struct BlockWeights {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_key;  // sorted by key
  std::uint64_t total = 0;
  [[nodiscard]] std::uint64_t bytes() const { return by_key.size() * sizeof(by_key.front()); }
};

// Of files up to 4 GiB. Blocks of equal keys are put together while it reads, so that a file of empty lines needs no
// more than another.
BlockWeights weigh_blocks(std::string_view content);

// 0-10000: the weight the two files share, of the heavier one's.
std::uint64_t content_score(const BlockWeights& a, const BlockWeights& b);

}  // namespace cadence::analysis::git
