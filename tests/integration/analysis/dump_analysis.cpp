// What the git analysis finds in a local repository, pair by pair, as JSON for model_test.py: dump_analysis FOLDER
// PROFILE QUARTILES. It names the strategies behind the reasons, and shows in both profiles what is flagged, which
// results do not.
#include <iostream>

#include "analysis/git/judge.hpp"
#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/git/repository.hpp"

namespace {

using namespace cadence::analysis;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// The reasons of the first pass are in order among all reasons; one that is not of them comes from the baseline.
void print_reasons(const std::vector<std::string>& all, const std::vector<git::Reason>& known) {
  std::size_t at = 0;
  std::cout << ",\"reasons\":[";
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_known = at < known.size() && known[at].text == all[i];
    const std::string_view name = is_known ? git::strategies()[known[at].strategy].name : "StatisticalAnomaly";
    at += is_known ? 1 : 0;
    std::cout << (i > 0 ? "," : "") << "[" << quoted(name) << "," << quoted(all[i]) << "]";
  }
  std::cout << "]";
}

// Adler-32: enough to see a difference, and the model's language has it.
std::uint32_t checksum(std::string_view text) {
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char c : text) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void print_pairs(git::ObjectView& objects, const std::vector<git::PairPlan>& pairs, const git::History& history) {
  std::cout << "\"pairs\":[";
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto measured =
        git::measure(objects, history[pairs[i].previous].tree, history[pairs[i].current].tree, {}, {}, {});
    const git::LineCounts& counts = measured.value().counts;
    std::cout << (i > 0 ? "," : "") << "{\"index\":" << pairs[i].current
              << ",\"commit\":" << quoted(history[pairs[i].current].oid.hex()) << ",\"seconds\":" << pairs[i].seconds
              << ",\"additions\":" << counts.additions << ",\"deletions\":" << counts.deletions
              << ",\"files\":" << counts.files << ",\"added\":" << measured->added.line_count()
              << ",\"text\":" << checksum(measured->added.code())
              << ",\"has_diff\":" << (measured->has_diff ? "true" : "false") << "}";
  }
  std::cout << "]";
}

void print_flagged(const std::vector<git::Suspicion>& suspicions, const std::vector<git::PairPlan>& pairs,
                   const std::vector<git::Verdict>& verdicts) {
  std::cout << ",\"flagged\":[";
  std::size_t pair = 0;
  for (std::size_t i = 0; i < suspicions.size(); ++i) {
    const git::Suspicion& one = suspicions[i];
    while (pairs[pair].current != one.commit_index) ++pair;
    std::cout << (i > 0 ? "," : "") << "{\"commit\":" << quoted(one.commit_hash) << ",\"index\":" << one.commit_index
              << ",\"score\":" << one.score << ",\"confidence\":" << one.confidence
              << ",\"severity\":" << quoted(git::to_string(one.severity)) << ",\"category\":" << quoted(one.category);
    print_reasons(one.reasons, verdicts[pair].reasons);
    std::cout << "}";
  }
  std::cout << "]";
}

void print_figures(const git::AnalysisResult& result) {
  std::cout << ",\"total_commits\":" << result.total_commits
            << ",\"suspicious_commits\":" << result.suspicious_commits()
            << ",\"overall_suspicion\":" << result.overall_suspicion << ",\"items_analyzed\":" << result.items_analyzed
            << ",\"items_flagged\":" << result.items_flagged << ",\"strategies_used\":" << result.strategies_used
            << ",\"strategies_hit\":" << result.strategies_hit << ",\"average_score\":" << result.average_score
            << ",\"coverage_rate\":" << result.coverage_rate;
  if (result.unique_authors) std::cout << ",\"unique_authors\":" << *result.unique_authors;
  if (result.average_commit_size) std::cout << ",\"average_commit_size\":" << *result.average_commit_size;
  if (result.time_span) std::cout << ",\"time_span\":" << quoted(*result.time_span);
  if (result.velocity) std::cout << ",\"velocity\":" << quoted(*result.velocity);
}

template <typename T>
T must(cadence::base::Result<T> result) {
  if (!result) {
    std::cerr << "dump_analysis: " << result.error().message << "\n";
    std::exit(1);
  }
  return std::move(*result);
}

void dump(const std::string& folder, const source::AnalyseOptions& options) {
  const auto whole = must(source::analyse(folder, {}, options, {}));
  const auto objects = must(source::StoredObjects::open(folder));
  const auto history = must(git::list_history(*objects, *git::Oid::from_hex(whole.tip), {}));
  const auto pairs = git::plan_pairs(history, options.rules.profile);
  std::vector<git::Verdict> verdicts;
  for (const git::PairPlan& pair : pairs)
    verdicts.push_back(git::judge_pair(*objects, history, pair, options.rules, {}));
  git::AnalysisOptions telling = options.rules;  // the upstream profile tells no suspicion, the other does
  telling.quartiles = telling.effective_quartiles();
  telling.profile = git::Profile::Corrected;
  const auto found = must(git::conclude(*objects, history, pairs, verdicts, telling));
  std::cout.precision(17);
  std::cout << "{";
  print_pairs(*objects, pairs, history);
  print_flagged(found.suspicions, pairs, verdicts);
  print_figures(whole);
  std::cout << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 || !git::profile_from(argv[2]) || !git::quartiles_from(argv[3])) {
    std::cerr << "usage: dump_analysis FOLDER corrected|upstream sorted|unsorted\n";
    return 2;
  }
  source::AnalyseOptions options;
  options.rules.profile = *git::profile_from(argv[2]);
  options.rules.quartiles = git::quartiles_from(argv[3]);
  options.threads = 2;
  dump(argv[1], options);
}
