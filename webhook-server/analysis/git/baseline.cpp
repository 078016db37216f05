#include "analysis/git/baseline.hpp"

#include <algorithm>
#include <cmath>

namespace cadence::analysis::git {
namespace {

struct Spread {
  double mean = 0;
  double deviation = 0;
};

Spread trimmed_spread(std::vector<std::int64_t> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  auto cut = static_cast<std::size_t>(std::trunc(0.10 * static_cast<double>(values.size())));
  if (2 * cut >= values.size()) cut = 0;
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(cut);
  const auto end = values.end() - static_cast<std::ptrdiff_t>(cut);
  const auto count = static_cast<double>(end - begin);
  double sum = 0;
  for (auto value = begin; value != end; ++value) sum += static_cast<double>(*value);
  const double mean = sum / count;
  double squares = 0;
  for (auto value = begin; value != end; ++value) {
    const double off = static_cast<double>(*value) - mean;
    squares += off * off;
  }
  return {mean, std::sqrt(squares / count)};
}

// Interpolated at p/100 of the way through the list as it stands.
std::int64_t percentile(const std::vector<std::int64_t>& sizes, double p) {
  if (sizes.empty()) return 0;
  const double position = p / 100 * static_cast<double>(sizes.size() - 1);
  const double below = std::floor(position);
  const double fraction = position - below;
  const auto low = static_cast<std::size_t>(below);
  if (fraction == 0) return sizes[low];
  return static_cast<std::int64_t>(
      std::trunc(static_cast<double>(sizes[low]) * (1 - fraction) + static_cast<double>(sizes[low + 1]) * fraction));
}

}  // namespace

std::optional<Baseline> baseline_of(const std::vector<LineCounts>& counts, Quartiles quartiles) {
  if (counts.empty()) return std::nullopt;
  std::vector<std::int64_t> additions;
  std::vector<std::int64_t> deletions;
  std::vector<std::int64_t> sizes;
  for (auto* list : {&additions, &deletions, &sizes}) list->reserve(counts.size());
  double files = 0;
  double ratios = 0;
  for (const LineCounts& pair : counts) {
    if (pair.size() <= 0) continue;
    additions.push_back(pair.additions);
    deletions.push_back(pair.deletions);
    sizes.push_back(pair.size());
    files += static_cast<double>(pair.files);
    ratios += static_cast<double>(pair.additions) / static_cast<double>(pair.size());
  }
  Baseline baseline;
  if (sizes.empty()) return baseline;
  const auto n = static_cast<double>(sizes.size());
  const Spread added = trimmed_spread(std::move(additions));
  const Spread deleted = trimmed_spread(std::move(deletions));
  baseline.mean_additions = added.mean;
  baseline.deviation_additions = added.deviation;
  baseline.mean_deletions = deleted.mean;
  baseline.deviation_deletions = deleted.deviation;
  baseline.mean_files = files / n;
  baseline.mean_ratio = ratios / n;
  if (quartiles == Quartiles::Sorted) std::sort(sizes.begin(), sizes.end());
  baseline.quartile_1 = percentile(sizes, 25);
  baseline.median = percentile(sizes, 50);
  baseline.quartile_3 = percentile(sizes, 75);
  return baseline;
}

}  // namespace cadence::analysis::git
