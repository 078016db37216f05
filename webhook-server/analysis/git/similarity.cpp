#include "analysis/git/similarity.hpp"

#include <algorithm>

#include "analysis/git/objects.hpp"

namespace cadence::analysis::git {
namespace {

std::size_t equal_start(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

std::size_t equal_end(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend()).first - a.rbegin());
}

// Sorts by key and sums what has the same.
void put_together(std::vector<std::pair<std::uint32_t, std::uint32_t>>& blocks) {
  std::sort(blocks.begin(), blocks.end());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (kept > 0 && blocks[kept - 1].first == blocks[i].first) {
      blocks[kept - 1].second += blocks[i].second;
    } else {
      blocks[kept++] = blocks[i];
    }
  }
  blocks.resize(kept);
}

std::uint64_t percentage(std::size_t equal, std::size_t longer) { return longer == 0 ? 100 : equal * 100 / longer; }

}  // namespace

std::uint64_t name_score(std::string_view a, std::string_view b) {
  const std::size_t split_a = a.rfind('/') + 1;  // npos + 1 is 0: no folder
  const std::size_t split_b = b.rfind('/') + 1;
  const std::string_view folder_a = a.substr(0, split_a);
  const std::string_view folder_b = b.substr(0, split_b);
  const std::string_view file_a = a.substr(split_a);
  const std::string_view file_b = b.substr(split_b);
  const std::size_t longer_folder = std::max(folder_a.size(), folder_b.size());
  const std::uint64_t left = percentage(equal_start(folder_a, folder_b), longer_folder);
  const std::uint64_t right = left == 100 ? 100 : percentage(equal_end(folder_a, folder_b), longer_folder);
  const std::uint64_t file = percentage(equal_end(file_a, file_b), std::max(file_a.size(), file_b.size()));
  return ((left + right) * 25 + file * 50) / 100;
}

BlockWeights weigh_blocks(std::string_view content) {
  constexpr std::size_t kLongestBlock = 64;
  constexpr std::size_t kBlocksApart = 1 << 18;
  const bool is_text = !is_binary(content);
  BlockWeights weights;
  std::size_t most = kBlocksApart;
  std::size_t at = 0;
  while (at < content.size()) {
    std::uint32_t hash = 5381;
    std::uint32_t weight = 0;
    const std::size_t end = std::min(content.size(), at + kLongestBlock);
    while (at < end) {
      const char c = content[at++];
      if (is_text && c == '\r' && at < content.size() && content[at] == '\n') continue;
      ++weight;
      if (c == '\n') break;
      hash = hash * 33 + static_cast<unsigned char>(c);
    }
    weights.by_key.emplace_back((hash * 0x9E370001U) >> 1U, weight);
    weights.total += weight;
    if (weights.by_key.size() < most) continue;
    put_together(weights.by_key);
    most = std::max(2 * weights.by_key.size(), kBlocksApart);
  }
  put_together(weights.by_key);
  weights.by_key.shrink_to_fit();
  return weights;
}

std::uint64_t content_score(const BlockWeights& a, const BlockWeights& b) {
  const std::uint64_t heavier = std::max(a.total, b.total);
  if (heavier == 0) return 10000;
  std::uint64_t common = 0;
  for (auto left = a.by_key.begin(), right = b.by_key.begin(); left != a.by_key.end() && right != b.by_key.end();) {
    if (left->first < right->first) {
      ++left;
    } else if (right->first < left->first) {
      ++right;
    } else {
      common += std::min(left++->second, right++->second);
    }
  }
  return 10000 * common / heavier;
}

}  // namespace cadence::analysis::git
