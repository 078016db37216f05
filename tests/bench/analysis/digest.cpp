#include "digest.hpp"

#include <bit>
#include <string_view>

namespace cadence::bench {
namespace {

// FNV-1a; each value is followed by a byte that no value contains on its own place, so that fields do not run into each
// other.
class Digest {
 public:
  void add(std::string_view text) {
    for (const char c : text) add_byte(static_cast<unsigned char>(c));
    add_byte(0xff);
  }
  void add(std::int64_t value) { add(std::to_string(value)); }
  void add(double value) { add(static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(value))); }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void add_byte(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::uint64_t digest_of(const analysis::git::AnalysisResult& result) {
  Digest digest;
  for (const std::int64_t count :
       {result.total_commits, result.items_analyzed, result.items_flagged, result.strategies_used,
        result.strategies_hit, result.unique_authors.value_or(-1), result.average_commit_size.value_or(-1)}) {
    digest.add(count);
  }
  for (const double rate : {result.overall_suspicion, result.average_score, result.coverage_rate}) digest.add(rate);
  digest.add(result.velocity.value_or("-"));
  digest.add(result.time_span.value_or("-"));
  digest.add(result.tip);
  for (const auto& one : result.suspicions) {
    for (const std::string_view text : {std::string_view(one.commit_hash), std::string_view(one.message),
                                        analysis::git::to_string(one.severity), std::string_view(one.category)})
      digest.add(text);
    digest.add(one.commit_index);
    digest.add(one.score);
    digest.add(one.confidence);
    for (const std::string& reason : one.reasons) digest.add(reason);
  }
  return digest.value();
}

}  // namespace cadence::bench
