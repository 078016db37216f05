#include "analysis/source/git/shared_verdicts.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/git/records.hpp"
#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::analysis::source {
namespace {

constexpr std::uint32_t kUnset = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint8_t kAnchorBits = 0x7f;     // one commit of 128 is an anchor
constexpr std::size_t kMostBytes = 256 << 10;  // of a block; a history made to have no anchors is not worth more
constexpr std::string_view kFormat = "cadence pairs 1\n";
constexpr std::size_t kKeyBytes = 20;
constexpr std::chrono::microseconds kJudging{150};  // of a pair, about, by one thread

bool is_anchor(const git::HistoryCommit& commit) {
  return commit.parent_count == 0 || (commit.oid.bytes.back() & kAnchorBits) == 0;
}

// The nearest anchor down the line of first parents; a commit may be its own.
std::vector<std::uint32_t> anchors_of(const git::History& history) {
  std::vector<std::uint32_t> out(history.size(), kUnset);
  std::vector<std::uint32_t> line;
  for (std::uint32_t start = 0; start < history.size(); ++start) {
    std::uint32_t at = start;
    while (out[at] == kUnset && !is_anchor(history[at])) {
      line.push_back(at);
      at = history[at].first_parent;
    }
    if (out[at] == kUnset) out[at] = at;
    for (const auto place : line) out[place] = out[at];
    line.clear();
  }
  return out;
}

std::string_view bytes_of(const git::Oid& oid) {
  return {reinterpret_cast<const char*>(oid.bytes.data()), oid.bytes.size()};
}

std::string checksum(std::string_view text) {
  const auto sum = base::fnv1a(text);
  return {reinterpret_cast<const char*>(&sum), sizeof sum};
}

}  // namespace

const std::string& program_mark() {
  static const std::string mark = [] {
    set_up_libgit2();
    git_oid hash;
    const bool is_read = git_odb_hashfile(&hash, "/proc/self/exe", GIT_OBJECT_BLOB) == 0;
    // Nobody else's then.
    return is_read ? git::Oid::from_bytes(hash.id).hex() : base::random_uuid();
  }();
  return mark;
}

SharedVerdicts::SharedVerdicts(const Shared& shared, const git::AnalysisOptions& options, const git::History& history,
                               const std::vector<git::PairPlan>& pairs)
    : shared_(shared),
      history_(history),
      pairs_(pairs),
      mark_(std::string(kFormat) + program_mark() + "\n" + options_mark(options) + "\n" + shared.repository + "\n"),
      anchors_(anchors_of(history)) {}

std::vector<SharedVerdicts::Block> SharedVerdicts::cut(const std::vector<std::uint32_t>& places) const {
  std::vector<Block> out;
  std::vector<std::uint32_t> block_of(history_.size(), kUnset);
  for (const auto place : places) {
    const auto anchor = anchors_[pairs_[place].current];
    if (block_of[anchor] == kUnset) {
      block_of[anchor] = static_cast<std::uint32_t>(out.size());
      out.push_back({history_[anchor].oid, {}});
    }
    out[block_of[anchor]].pairs.push_back(place);
  }
  return out;
}

// Who does not know the repository's URL and the commit cannot name a block.
std::string SharedVerdicts::key_of(const Block& block) const {
  return base::to_hex(net::sha256(mark_ + std::string(bytes_of(block.anchor))).substr(0, kKeyBytes));
}

void SharedVerdicts::take(std::vector<std::uint32_t>& open, std::vector<git::Verdict>& verdicts, unsigned threads) {
  if (open.empty()) return;
  const auto blocks = cut(open);
  std::vector<std::string> keys;
  keys.reserve(blocks.size());
  for (const auto& block : blocks) keys.push_back(key_of(block));
  git::PlaceTable table;
  for (const auto place : open)
    table.add(git::place_hash(history_[pairs_[place].current].oid), place, [](std::uint32_t) { return false; });
  const auto worth = open.size() * kJudging / std::max(1U, threads);
  shared_.blocks->find(keys, std::chrono::ceil<std::chrono::milliseconds>(worth),
                       [&](std::size_t, std::string_view text) { read(text, table, verdicts); });
  std::erase_if(open, [&](std::uint32_t place) { return verdicts[place].is_readable; });
}

void SharedVerdicts::read(std::string_view text, const git::PlaceTable& open,
                          std::vector<git::Verdict>& verdicts) const {
  const std::size_t sum = sizeof(std::uint64_t);
  if (!text.starts_with(kFormat) || text.size() < kFormat.size() + sum) return;
  const auto content = text.substr(kFormat.size() + sum);
  if (text.substr(kFormat.size(), sum) != checksum(content)) return;
  for (Unpacker rest(content); !rest.is_over();) {
    const auto record = rest.record();
    Unpacker names(record);
    const auto current = names.oid(), previous = names.oid();
    if (!names.is_good()) return;
    const auto place = open.find(git::place_hash(current), [&](std::uint32_t other) {
      return history_[pairs_[other].current].oid == current && history_[pairs_[other].previous].oid == previous;
    });
    if (!place) continue;
    if (auto verdict = read_verdict(record)) verdicts[*place] = std::move(*verdict);
  }
}

std::string SharedVerdicts::text_of(const Block& block, const std::vector<git::Verdict>& verdicts) const {
  std::string content;
  for (const auto place : block.pairs) {
    content +=
        verdict_record(history_[pairs_[place].current].oid, history_[pairs_[place].previous].oid, verdicts[place]);
    if (content.size() > kMostBytes) break;
  }
  return std::string(kFormat) + checksum(content) + content;
}

void SharedVerdicts::offer(const std::vector<git::Verdict>& verdicts) const {
  std::vector<std::uint32_t> all(pairs_.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  for (const auto& block : cut(all)) {
    const auto key = key_of(block);
    // Between two anchors commits come only at the newer end, or with a merge.
    const auto& newest = history_[pairs_[block.pairs.front()].current].oid;
    const auto state = base::fnv1a(bytes_of(newest)) + block.pairs.size();
    if (shared_.blocks->wants(key, state)) shared_.blocks->keep(key, state, text_of(block, verdicts));
  }
}

}  // namespace cadence::analysis::source
