#include "analysis/git/judge.hpp"

#include <algorithm>

#include "analysis/text/text.hpp"
#include "base/text.hpp"

namespace cadence::analysis::git {
namespace {

void add_statistical_reason(Verdict& verdict, std::uint32_t place, const Baseline& baseline) {
  Judgement reason = judge_statistical_anomaly(verdict.counts, baseline);
  if (!reason) return;
  const auto at =
      std::find_if(verdict.reasons.begin(), verdict.reasons.end(), [&](const Reason& r) { return r.strategy > place; });
  verdict.reasons.insert(at, {place, std::move(*reason)});
}

// Adds what only the whole history can tell.
void judge_against_baseline(std::vector<Verdict>& verdicts, const AnalysisOptions& options) {
  const auto active = active_strategies(options);
  const auto statistical = std::find_if(active.begin(), active.end(),
                                        [](std::uint32_t place) { return strategies()[place].judge == nullptr; });
  if (statistical == active.end()) return;
  std::vector<LineCounts> counts;
  counts.reserve(verdicts.size());
  for (const Verdict& verdict : verdicts) {
    if (verdict.is_readable) counts.push_back(verdict.counts);
  }
  const auto baseline = baseline_of(counts, options.effective_quartiles());
  if (!baseline) return;
  for (Verdict& verdict : verdicts) {
    if (verdict.is_readable) add_statistical_reason(verdict, *statistical, *baseline);
  }
}

// Figures over all pairs, flagged or not.
void describe_history(AnalysisResult& result, const History& history, const std::vector<PairPlan>& pairs,
                      const std::vector<Verdict>& verdicts, Profile profile) {
  std::vector<bool> authors(history.size());
  std::vector<std::int64_t> times;
  times.reserve(pairs.size());
  std::int64_t additions = 0;
  std::int64_t lines = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (!verdicts[i].is_readable) continue;
    authors[history[pairs[i].current].author] = true;
    times.push_back(history[pairs[i].current].time);
    additions += verdicts[i].counts.additions;
    lines += verdicts[i].counts.size();
  }
  if (times.empty()) return;
  std::int64_t span = 0;
  const auto [oldest, newest] = std::minmax_element(times.begin(), times.end());
  // which takes last minus first, though the newest comes first
  const bool is_upstream = profile == Profile::Upstream;
  // Author dates are the writer's claim: a span that does not fit is none.
  if (__builtin_sub_overflow(is_upstream ? times.back() : *newest, is_upstream ? times.front() : *oldest, &span))
    span = 0;
  result.unique_authors = std::count(authors.begin(), authors.end(), true);
  result.average_commit_size = lines / static_cast<std::int64_t>(times.size());
  result.time_span = describe_span(span);
  result.velocity = describe_velocity(additions, span);
}

std::vector<CommitSize> sizes_of(const History& history, const std::vector<PairPlan>& pairs,
                                 const std::vector<Verdict>& verdicts) {
  std::vector<CommitSize> sizes;
  sizes.reserve(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    if (!verdict.is_readable) continue;
    sizes.push_back({pairs[i].current, !verdict.reasons.empty(), history[pairs[i].current].time,
                     verdict.counts.additions, verdict.counts.deletions});
  }
  return sizes;
}

base::Result<std::string> message_of(ObjectView& objects, const Oid& oid, Memory* memory) {
  if (memory != nullptr) {
    if (auto known = memory->message(oid)) return std::move(*known);
  }
  const auto content = objects.read(oid, ObjectKind::Commit);
  if (!content) return content.error().with_context("Could not read commit " + oid.hex());
  return parse_commit(*content).message;
}

// Messages may be of any length, and there may be any number of them.
class Messages {
 public:
  explicit Messages(const Bounds& bounds) : longest_(bounds.max_message_bytes), room_(bounds.max_messages_bytes) {}
  std::string bounded(std::string message) {
    constexpr std::uint64_t kShortest = 200;
    if (message.size() > longest_) message.resize(base::clipped(message, longest_).size());
    if (message.size() > room_) message.resize(base::clipped(message, kShortest).size());
    room_ -= std::min<std::uint64_t>(room_, message.size());
    return message;
  }

 private:
  const std::uint64_t longest_;
  std::uint64_t room_;
};

Suspicion suspect(const HistoryCommit& commit, std::uint32_t index, std::string message, const Detection& detection,
                  std::vector<Reason> reasons) {
  Suspicion suspicion{commit.oid.hex(),
                      index,
                      std::move(message),
                      detection.severity,
                      {},
                      {},
                      detection.score * 100,
                      detection.confidence,
                      detection.category};
  suspicion.reasons.reserve(reasons.size());
  suspicion.strategies.reserve(reasons.size());
  for (Reason& reason : reasons) {
    suspicion.reasons.push_back(std::move(reason.text));
    suspicion.strategies.push_back(strategies()[reason.strategy].name);
  }
  return suspicion;
}

void fill_rates(AnalysisResult& result, double scores) {
  const auto commits = static_cast<double>(result.total_commits);
  const auto flagged = static_cast<double>(result.items_flagged);
  // All detections come from one analysis, which upstream counts as one strategy.
  result.strategies_used = result.strategies_hit = result.items_flagged > 0 ? 1 : 0;
  result.average_score = result.items_flagged > 0 ? scores / flagged : 0;
  if (result.total_commits == 0) return;
  result.coverage_rate = std::min(flagged / commits, 1.0);
  result.overall_suspicion = static_cast<double>(result.suspicious_commits()) / commits * 100;
}

}  // namespace

std::vector<std::uint32_t> active_strategies(const AnalysisOptions& options) {
  std::vector<std::uint32_t> active;
  const auto all = strategies();
  for (std::uint32_t place = 0; place < all.size(); ++place) {
    if (all[place].is_active(options.thresholds) && options.strategies.is_enabled(all[place].name))
      active.push_back(place);
  }
  return active;
}

std::vector<Reason> judge_facts(const PairFacts& facts, const AnalysisOptions& options) {
  std::vector<Reason> reasons;
  if (facts.counts.size() <= 0) return reasons;
  const Rules rules{options.thresholds, options.profile};
  for (const std::uint32_t place : active_strategies(options)) {
    const auto judge = strategies()[place].judge;
    if (judge == nullptr) continue;
    if (auto reason = judge(facts, rules)) reasons.push_back({place, std::move(*reason)});
  }
  return reasons;
}

Verdict judge_pair(ObjectView& objects, const History& history, const PairPlan& pair, const AnalysisOptions& options,
                   std::stop_token stop) {
  const HistoryCommit& current = history[pair.current];
  auto measured = measure(objects, history[pair.previous].tree, current.tree, options.exclude_files, options.bounds,
                          std::move(stop));
  if (!measured) return {};
  Verdict verdict{true, measured->counts, {}};
  if (verdict.counts.size() <= 0) return verdict;
  // The message was readable when the history was listed; without it the other strategies still judge.
  const auto content = objects.read(current.oid, ObjectKind::Commit);
  const std::string message = content ? lower_for_search(parse_commit(*content).message) : std::string();
  const std::string code = lower_for_search(measured->added.code());
  verdict.reasons =
      judge_facts({measured->counts, pair.seconds, measured->has_diff, &measured->added, code, message}, options);
  return verdict;
}

Detection weigh_reasons(const std::vector<Reason>& reasons, std::size_t active) {
  Detection detection;
  double confidences = 0;
  std::size_t most = 0;
  for (const Reason& reason : reasons) {
    const Strategy& strategy = strategies()[reason.strategy];
    confidences += strategy.confidence;
    const auto same = static_cast<std::size_t>(std::count_if(reasons.begin(), reasons.end(), [&](const Reason& other) {
      return strategies()[other.strategy].category == strategy.category;
    }));
    if (same > most) {  // of equals, the first in table order
      most = same;
      detection.category = strategy.category;
    }
  }
  detection.score = static_cast<double>(reasons.size()) / static_cast<double>(active);
  detection.confidence = confidences / static_cast<double>(reasons.size());
  detection.severity = detection.score >= 0.7   ? Severity::High
                       : detection.score >= 0.4 ? Severity::Medium
                                                : Severity::Low;
  return detection;
}

base::Result<AnalysisResult> conclude(ObjectView& objects, const History& history, const std::vector<PairPlan>& pairs,
                                      std::vector<Verdict> verdicts, const AnalysisOptions& options, Memory* memory) {
  judge_against_baseline(verdicts, options);
  AnalysisResult result;
  result.total_commits = result.items_analyzed = static_cast<std::int64_t>(history.size());
  if (!history.empty()) result.tip = history.front().oid.hex();
  describe_history(result, history, pairs, verdicts, options.profile);
  if (options.keeps_sizes) result.sizes = sizes_of(history, pairs, verdicts);
  const auto active = active_strategies(options);
  std::vector<std::int64_t> hits(strategies().size());
  double scores = 0;
  // Upstream keeps only detections of a category that none has.
  Messages messages(options.bounds);
  const bool is_listed = options.profile == Profile::Corrected || options.lists_all;
  if (is_listed) {
    result.suspicions.reserve(static_cast<std::size_t>(std::count_if(
        verdicts.begin(), verdicts.end(), [](const Verdict& verdict) { return !verdict.reasons.empty(); })));
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (verdicts[i].reasons.empty()) continue;
    const Detection detection = weigh_reasons(verdicts[i].reasons, active.size());
    for (const Reason& reason : verdicts[i].reasons) ++hits[reason.strategy];
    ++result.items_flagged;
    scores += detection.score;
    if (!is_listed) continue;
    const HistoryCommit& commit = history[pairs[i].current];
    auto message = message_of(objects, commit.oid, memory);
    if (!message) return message.error();
    result.suspicions.push_back(suspect(commit, pairs[i].current, messages.bounded(std::move(*message)), detection,
                                        std::move(verdicts[i].reasons)));
  }
  for (const std::uint32_t place : active) result.strategies.push_back({strategies()[place].name, hits[place]});
  fill_rates(result, scores);
  return result;
}

}  // namespace cadence::analysis::git
