#include "analysis/git/line_numbers.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace cadence::analysis::git {
namespace {

// Unknown to who writes the files, so that nobody can make all lines fall into one slot.
std::uint64_t secret() {
  static const std::uint64_t value =
      (static_cast<std::uint64_t>(std::random_device{}()) << 32U) | std::random_device{}();
  return value;
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t hash_of(std::string_view line, std::uint64_t seed) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = seed ^ line.size();
  for (; line.size() >= 8; line.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, line.data(), 8);
    hash = mix(hash ^ word, kOdd ^ seed);
  }
  std::uint64_t word = 0;
  if (!line.empty()) std::memcpy(&word, line.data(), line.size());
  return mix(hash ^ word, kOdd);
}

std::uint64_t word_at(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

// Bytes in which both begin alike, up to the start of a line.
std::size_t common_start(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t end = 0;
  while (most - end >= 8 && word_at(a, end) == word_at(b, end)) end += 8;
  while (end < most && a[end] == b[end]) ++end;
  const std::size_t lf = a.substr(0, end).rfind('\n');
  return lf == std::string_view::npos ? 0 : lf + 1;
}

// Bytes in which both end alike, from the start of a line in both on.
std::size_t common_end(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t length = 0;
  while (most - length >= 8 && word_at(a, a.size() - length - 8) == word_at(b, b.size() - length - 8)) length += 8;
  while (length < most && a[a.size() - 1 - length] == b[b.size() - 1 - length]) ++length;
  const auto begins_line = [](std::string_view text, std::size_t at) { return at == 0 || text[at - 1] == '\n'; };
  while (length > 0 && !(begins_line(a, a.size() - length) && begins_line(b, b.size() - length))) {
    const std::size_t lf = a.find('\n', a.size() - length);
    length = lf == std::string_view::npos ? 0 : a.size() - lf - 1;
  }
  return length;
}

// Bytes of the last `count` lines of a text that ends with a LF.
std::size_t bytes_of_last_lines(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  for (; count > 0 && at > 0; --count) {
    const std::size_t lf = at >= 2 ? text.rfind('\n', at - 2) : std::string_view::npos;
    at = lf == std::string_view::npos ? 0 : lf + 1;
  }
  return text.size() - at;
}

std::size_t bytes_of_first_lines(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    const std::size_t lf = text.find('\n', at);
    at = lf == std::string_view::npos ? text.size() : lf + 1;
  }
  return at;
}

}  // namespace

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) +
         (text.empty() || text.ends_with('\n') ? 0 : 1);
}

void LineNumbers::start() {
  lines_.clear();
  if (++round_ == 0) {  // after four billion files
    slots_.assign(slots_.size(), {});
    round_ = 1;
  }
  // One huge file does not make the table large for ever.
  if (slots_.size() > (1U << 16U)) slots_ = {};
}

void LineNumbers::grow() {
  const std::vector<Slot> old = std::move(slots_);
  slots_.assign(std::max<std::size_t>(1024, old.size() * 2), {});
  for (const Slot& slot : old) {
    if (slot.round != round_) continue;
    std::size_t at = slot.hash & (slots_.size() - 1);
    while (slots_[at].round == round_) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

Token LineNumbers::number_line(std::string_view line) {
  if (lines_.size() * 2 >= slots_.size()) grow();
  const std::uint64_t hash = hash_of(line, secret());
  std::size_t at = hash & (slots_.size() - 1);
  for (; slots_[at].round == round_; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash && lines_[slots_[at].token] == line) return slots_[at].token;
  }
  slots_[at] = {hash, round_, static_cast<Token>(lines_.size())};
  lines_.push_back(line);
  return slots_[at].token;
}

void LineNumbers::number(std::string_view text, Tokens& tokens) {
  tokens.clear();
  each_line(text, [&](std::string_view line) { tokens.push_back(number_line(line)); });
}

std::string_view LineNumbers::line(Token token) const { return without_lf(lines_[token]); }

TrimmedTexts trim_common(std::string_view before, std::string_view after) {
  const std::size_t start = common_start(before, after);
  const std::string_view old_rest = before.substr(start);
  const std::string_view new_rest = after.substr(start);
  const std::size_t end = common_end(old_rest, new_rest);
  const std::string_view old_middle = old_rest.substr(0, old_rest.size() - end);
  const std::string_view new_middle = new_rest.substr(0, new_rest.size() - end);
  const std::size_t kept = std::max(count_lines(old_middle), count_lines(new_middle)) + 1;
  const std::size_t head = bytes_of_last_lines(before.substr(0, start), kept);
  const std::size_t tail = bytes_of_first_lines(old_rest.substr(old_middle.size()), kept);
  return {before.substr(start - head, head + old_middle.size() + tail),
          after.substr(start - head, head + new_middle.size() + tail)};
}

}  // namespace cadence::analysis::git
