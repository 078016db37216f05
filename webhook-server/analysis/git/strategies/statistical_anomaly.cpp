#include <cmath>
#include <optional>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

// One way in which a pair stands out.
struct Candidate {
  std::string_view what;
  double score = 0;
  double usual = 0;
  double observed = 0;
  bool is_significant = false;
};

std::string sentence(const Candidate& found) {
  std::string text;
  text.reserve(96);
  text.append(found.what).append(", score ").append(fixed(found.score, 2));
  if (found.is_significant)
    text.append(": ")
        .append(fixed(found.observed, 0))
        .append(" where ")
        .append(fixed(found.usual, 0))
        .append(" is usual");
  return text;
}

// The first candidate, or the first that is significant when one is.
class Choice {
 public:
  void add(const Candidate& candidate) {
    if (!chosen_ || (candidate.is_significant && !chosen_->is_significant)) chosen_ = candidate;
  }
  [[nodiscard]] const std::optional<Candidate>& candidate() const { return chosen_; }

 private:
  std::optional<Candidate> chosen_;
};

void add_deviation(Choice& found, std::string_view what, std::int64_t count, double mean, double deviation) {
  if (deviation <= 0) return;
  const double z = (static_cast<double>(count) - mean) / deviation;
  if (std::abs(z) > 2) found.add({what, z, mean, static_cast<double>(count), std::abs(z) > 3});
}

std::int64_t times(double factor, std::int64_t value) {
  return static_cast<std::int64_t>(std::trunc(factor * static_cast<double>(value)));
}

void add_outliers(Choice& found, std::int64_t size, const Baseline& usual) {
  if (usual.quartile_1 <= 0 || usual.quartile_3 <= 0) return;
  const std::int64_t range = usual.quartile_3 - usual.quartile_1;  // negative when the quartiles are unsorted
  const std::int64_t fence = usual.quartile_3 + times(1.5, range);
  const auto median = static_cast<double>(usual.median);
  const auto observed = static_cast<double>(size);
  if (size > fence) {
    found.add({"Size far outside the quartiles", static_cast<double>(size - fence) / static_cast<double>(range), median,
               observed, size > fence + times(3, range)});
  }
  if (size > usual.quartile_3 + times(3, range)) found.add({"Extreme size", observed / median, median, observed, true});
}

Choice choose(const LineCounts& counts, const Baseline& usual) {
  Choice found;
  add_deviation(found, "Unusual number of added lines", counts.additions, usual.mean_additions,
                usual.deviation_additions);
  add_deviation(found, "Unusual number of deleted lines", counts.deletions, usual.mean_deletions,
                usual.deviation_deletions);
  add_outliers(found, counts.size(), usual);
  const double ratio = static_cast<double>(counts.additions) / static_cast<double>(counts.size());
  if (ratio > 0.9 && counts.additions > static_cast<std::int64_t>(std::trunc(2 * usual.mean_additions))) {
    found.add({"Unusual share of added lines", ratio, usual.mean_ratio, ratio, true});
  }
  if (counts.files > 0 && usual.mean_files > 0) {
    const double spread = static_cast<double>(counts.files) / usual.mean_files;
    if (spread > 3 && counts.size() > usual.median) {
      found.add({"Unusual number of files", spread, usual.mean_files, static_cast<double>(counts.files), spread > 5});
    }
  }
  return found;
}

}  // namespace

Judgement judge_statistical_anomaly(const LineCounts& counts, const Baseline& baseline) {
  if (counts.size() <= 0 || (baseline.deviation_additions == 0 && baseline.deviation_deletions == 0))
    return std::nullopt;
  const auto found = choose(counts, baseline).candidate();
  return found ? Judgement(sentence(*found)) : std::nullopt;
}

}  // namespace cadence::analysis::git
