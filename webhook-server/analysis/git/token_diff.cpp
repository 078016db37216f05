#include "analysis/git/token_diff.hpp"

#include <algorithm>
#include <optional>

#include "analysis/git/token_search.hpp"

namespace cadence::analysis::git {
namespace {

using View = std::span<const Token>;

struct HalfMatch {
  View before_left, before_right, after_left, after_right, common;
};

struct SplitPoint {
  std::size_t before = 0;
  std::size_t after = 0;
};

// How far the longer sequence around `start` agrees with the shorter one around a place. The first few places are
// compared one by one, for mostly there is but one; when lines repeat there may be as many places as lines, and then
// all are measured at once.
class SeedGrowth {
 public:
  SeedGrowth(View longer, View shorter, std::size_t start) : longer_(longer), shorter_(shorter), start_(start) {}

  std::pair<std::size_t, std::size_t> at(std::size_t place) {
    if (++asked_ <= kOneByOne) {
      return {common_suffix(longer_.first(start_), shorter_.first(place)),
              common_prefix(longer_.subspan(start_), shorter_.subspan(place))};
    }
    if (right_.empty()) measure_all();
    return {place == 0 ? 0 : left_[shorter_.size() - place], right_[place]};
  }

 private:
  static constexpr std::size_t kOneByOne = 8;

  void measure_all() {
    right_ = match_lengths(shorter_, longer_.subspan(start_));
    const Tokens reversed_shorter(shorter_.rbegin(), shorter_.rend());
    const View head = longer_.first(start_);
    left_ = match_lengths(reversed_shorter, Tokens(head.rbegin(), head.rend()));
  }

  const View longer_;
  const View shorter_;
  const std::size_t start_;
  std::size_t asked_ = 0;
  std::vector<std::size_t> left_;
  std::vector<std::size_t> right_;
};

class Differ {
 public:
  explicit Differ(std::uint64_t steps) : steps_left_(steps) {}

  std::vector<Chunk> diff(View before, View after) {
    if (std::ranges::equal(before, after)) {
      return before.empty() ? std::vector<Chunk>{} : std::vector<Chunk>{chunk(Edit::Equal, before)};
    }
    const std::size_t prefix = common_prefix(before, after);
    const View head = before.first(prefix);
    before = before.subspan(prefix);
    after = after.subspan(prefix);
    const std::size_t suffix = common_suffix(before, after);
    const View tail = before.last(suffix);
    std::vector<Chunk> chunks;
    if (!head.empty()) chunks.push_back(chunk(Edit::Equal, head));
    move_into(chunks, diff_middle(before.first(before.size() - suffix), after.first(after.size() - suffix)));
    if (!tail.empty()) chunks.push_back(chunk(Edit::Equal, tail));
    clean_up(chunks);
    return chunks;
  }

 private:
  static Chunk chunk(Edit edit, View tokens) { return {edit, Tokens(tokens.begin(), tokens.end())}; }

  static void move_into(std::vector<Chunk>& to, std::vector<Chunk> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }

  static std::vector<Chunk> replace(View before, View after) {
    return {chunk(Edit::Delete, before), chunk(Edit::Insert, after)};
  }

  bool spend(std::uint64_t steps) {
    steps_left_ -= std::min(steps, steps_left_);
    return steps_left_ > 0;
  }

  // Two sequences that neither begin nor end alike.
  std::vector<Chunk> diff_middle(View before, View after) {
    if (before.empty()) return {chunk(Edit::Insert, after)};
    if (after.empty()) return {chunk(Edit::Delete, before)};
    const bool shrinks = before.size() > after.size();
    const View longer = shrinks ? before : after;
    const View shorter = shrinks ? after : before;
    if (const auto at = find_tokens(longer, shorter)) {
      const Edit edit = shrinks ? Edit::Delete : Edit::Insert;
      return {chunk(edit, longer.first(*at)), chunk(Edit::Equal, shorter),
              chunk(edit, longer.subspan(*at + shorter.size()))};
    }
    if (shorter.size() == 1) return replace(before, after);
    if (const auto half = half_match(before, after)) {
      std::vector<Chunk> chunks = diff(half->before_left, half->after_left);
      chunks.push_back(chunk(Edit::Equal, half->common));
      move_into(chunks, diff(half->before_right, half->after_right));
      return chunks;
    }
    if (!share_a_token(before, after)) return replace(before, after);  // what any split would end in, found at once
    const auto split = bisect(before, after);
    if (!split) return replace(before, after);
    std::vector<Chunk> chunks = diff(before.first(split->before), after.first(split->after));
    move_into(chunks, diff(before.subspan(split->before), after.subspan(split->after)));
    return chunks;
  }

  // A common run of at least half the longer sequence, if one shows through the seeds at a quarter and at a half.
  std::optional<HalfMatch> half_match(View before, View after) {
    const bool shrinks = before.size() > after.size();
    const View longer = shrinks ? before : after;
    const View shorter = shrinks ? after : before;
    const std::size_t n = longer.size();
    if (n < 4 || shorter.size() * 2 < n) return std::nullopt;
    auto best = grow_seed(longer, shorter, (n + 3) / 4);
    const auto second = grow_seed(longer, shorter, (n + 1) / 2);
    if (!best || (second && best->common.size() <= second->common.size())) best = second;
    if (best && !shrinks) {
      std::swap(best->before_left, best->after_left);
      std::swap(best->before_right, best->after_right);
    }
    return best;
  }

  // `before` of the answer is the longer sequence here.
  std::optional<HalfMatch> grow_seed(View longer, View shorter, std::size_t start) {
    const View seed = longer.subspan(start, longer.size() / 4);
    std::size_t best_length = 0;
    HalfMatch best;
    SeedGrowth growth(longer, shorter, start);
    for_each_place(shorter, seed, [&](std::size_t place) {
      const auto [left, right] = growth.at(place);
      if (left + right > best_length) {
        best_length = left + right;
        best = {longer.first(start - left), longer.subspan(start + right), shorter.first(place - left),
                shorter.subspan(place + right), shorter.subspan(place - left, best_length)};
      }
      return true;
    });
    if (best_length * 2 < longer.size()) return std::nullopt;
    return best;
  }

  std::optional<SplitPoint> bisect(View before, View after);

  std::uint64_t steps_left_;
};

// One of the two searches of the bisection. Diagonal k holds the furthest x reached on it, at `offset + k`.
struct Front {
  std::vector<std::int64_t> reach;
  std::int64_t skip_low = 0;   // diagonals that left the grid at its lower edge
  std::int64_t skip_high = 0;  // and at its right edge

  [[nodiscard]] std::int64_t start_of(std::int64_t diagonal, std::int64_t depth, std::int64_t offset) const {
    const auto at = static_cast<std::size_t>(offset + diagonal);
    const bool moves_down = diagonal == -depth || (diagonal != depth && reach[at - 1] < reach[at + 1]);
    return moves_down ? reach[at + 1] : reach[at - 1] + 1;
  }
};

std::optional<SplitPoint> Differ::bisect(View before, View after) {
  const auto n = static_cast<std::int64_t>(before.size());
  const auto m = static_cast<std::int64_t>(after.size());
  const std::int64_t offset = (n + m + 1) / 2;
  const std::int64_t width = 2 * offset;
  const std::int64_t delta = n - m;
  const bool forward_meets = delta % 2 != 0;
  Front ahead{std::vector<std::int64_t>(static_cast<std::size_t>(width) + 2, -1)};
  ahead.reach[static_cast<std::size_t>(offset) + 1] = 0;
  Front back = ahead;
  // The other front's reach on the mirrored diagonal; -1 when it was not there.
  const auto met = [&](const Front& other, std::int64_t diagonal) {
    const std::int64_t at = offset + delta - diagonal;
    return at >= 0 && at < width ? other.reach[static_cast<std::size_t>(at)] : -1;
  };
  for (std::int64_t depth = 0; depth < offset; ++depth) {
    for (std::int64_t k = -depth + ahead.skip_low; k <= depth - ahead.skip_high; k += 2) {
      std::int64_t x = ahead.start_of(k, depth, offset);
      const std::int64_t from = x;
      while (x < n && x - k < m && before[static_cast<std::size_t>(x)] == after[static_cast<std::size_t>(x - k)]) ++x;
      ahead.reach[static_cast<std::size_t>(offset + k)] = x;
      if (!spend(static_cast<std::uint64_t>(x - from) + 1)) return std::nullopt;
      if (x > n) {
        ahead.skip_high += 2;
      } else if (x - k > m) {
        ahead.skip_low += 2;
      } else if (const std::int64_t other = met(back, k); forward_meets && other != -1 && x >= n - other) {
        return SplitPoint{static_cast<std::size_t>(x), static_cast<std::size_t>(x - k)};
      }
    }
    for (std::int64_t k = -depth + back.skip_low; k <= depth - back.skip_high; k += 2) {
      std::int64_t x = back.start_of(k, depth, offset);
      const std::int64_t from = x;
      while (x < n && x - k < m &&
             before[static_cast<std::size_t>(n - x - 1)] == after[static_cast<std::size_t>(m - (x - k) - 1)])
        ++x;
      back.reach[static_cast<std::size_t>(offset + k)] = x;
      if (!spend(static_cast<std::uint64_t>(x - from) + 1)) return std::nullopt;
      if (x > n) {
        back.skip_high += 2;
      } else if (x - k > m) {
        back.skip_low += 2;
      } else if (const std::int64_t other = met(ahead, k); !forward_meets && other != -1 && other >= n - x) {
        const std::int64_t forward_diagonal = delta - k;
        return SplitPoint{static_cast<std::size_t>(other), static_cast<std::size_t>(other - forward_diagonal)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<Chunk> diff_tokens(View before, View after, std::uint64_t steps) {
  return Differ(steps).diff(before, after);
}

}  // namespace cadence::analysis::git
