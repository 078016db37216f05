// Measures the git analysis. One process, one measurement: its peak memory is the kernel's own count.
//   analysis-bench generate FOLDER COMMITS [SEED]
//       a bare repository
//   analysis-bench analyse FOLDER [THREADS] [PROFILE] [COMMIT]
//       wall and processor time, peak memory, digest of the result
//   analysis-bench push FOLDER [COMMITS [PUSHES]]
//       pushes of so many commits to a cached copy, claim to result
//   analysis-bench strategies FOLDER
//       commits a second and core of each strategy alone
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>

#include "analysis/git/judge.hpp"
#include "analysis/text/text.hpp"
#include "analysis/source/git/fetch_child.hpp"
#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/git/repository.hpp"
#include "jobs/repository.hpp"
#include "digest.hpp"
#include "generated_history.hpp"

namespace {

using namespace cadence;
namespace git = analysis::git;
namespace source = analysis::source;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::to_string(std::strtol(line.c_str() + 6, nullptr, 10) / 1024) + " MiB";
  }
  return "?";
}

int complain(const std::string& why) {
  std::cerr << "analysis-bench: " << why << "\n";
  return 1;
}

int analyse(const std::string& folder, unsigned threads, const std::string& profile, const std::string& start) {
  source::AnalyseOptions options;
  options.threads = threads;
  options.rules.profile = git::profile_from(profile).value_or(git::Profile::Corrected);
  options.time_limit = std::chrono::seconds(3600);
  const auto begin = Clock::now();
  const auto result = source::analyse(folder, {"", start}, options, {});
  if (!result) return complain(result.error().message);
  const double wall = seconds_since(begin);
  std::printf(
      "%lld commits, %lld flagged, %u threads: %.3f s wall, %.3f s processor, %.0f commits/s and core, peak %s, digest "
      "%016llx\n",
      static_cast<long long>(result->total_commits), static_cast<long long>(result->items_flagged), threads, wall,
      processor_seconds(), static_cast<double>(result->total_commits) / processor_seconds(), peak_memory().c_str(),
      static_cast<unsigned long long>(bench::digest_of(*result)));
  return 0;
}

// What a strategy is given, owned.
struct Case {
  git::Measurement measured;
  std::string code, message;
  std::int64_t seconds = 0;
  [[nodiscard]] git::PairFacts facts() const {
    return {measured.counts, seconds, measured.has_diff, &measured.added, code, message};
  }
};

base::Result<std::deque<Case>> cases_of(git::ObjectView& objects, const git::Oid& start) {
  constexpr std::size_t kMost = 3000;
  const auto history = git::list_history(objects, start, {});
  if (!history) return history.error();
  std::deque<Case> cases;
  for (const auto& pair : git::plan_pairs(*history, git::Profile::Corrected)) {
    if (cases.size() == kMost) break;
    auto measured = git::measure(objects, (*history)[pair.previous].tree, (*history)[pair.current].tree, {}, {}, {});
    const auto commit = objects.read((*history)[pair.current].oid, git::ObjectKind::Commit);
    if (!measured || !commit) continue;
    std::string code = analysis::lower_for_search(measured->added.code());
    cases.push_back({std::move(*measured), std::move(code),
                     analysis::lower_for_search(git::parse_commit(*commit).message), pair.seconds});
  }
  return cases;
}

double rate_of(std::size_t cases, const auto& judge_all) {
  const double begin = processor_seconds();
  std::size_t rounds = 0;
  for (; processor_seconds() - begin < 0.3; ++rounds) judge_all();
  return static_cast<double>(rounds * cases) / (processor_seconds() - begin);
}

int strategies(const std::string& folder) {
  const auto result = source::analyse(folder, {}, {}, {});
  if (!result) return complain(result.error().message);
  auto objects = source::StoredObjects::open(folder);
  if (!objects) return complain(objects.error().message);
  const auto cases = cases_of(**objects, *git::Oid::from_hex(result->tip));
  if (!cases) return complain(cases.error().message);
  std::vector<git::LineCounts> counts;
  for (const Case& one : *cases) counts.push_back(one.measured.counts);
  const auto baseline = git::baseline_of(counts, git::Quartiles::Sorted).value_or(git::Baseline{});
  std::printf("| strategy | commits/s and core |\n| --- | --- |\n");
  std::size_t fired = 0;
  for (const git::Strategy& strategy : git::strategies()) {
    const double rate = rate_of(cases->size(), [&] {
      for (const Case& one : *cases) {
        fired += strategy.judge != nullptr ? strategy.judge(one.facts(), {}).has_value()
                                           : git::judge_statistical_anomaly(one.measured.counts, baseline).has_value();
      }
    });
    std::printf("| %s | %.0f |\n", std::string(strategy.name).c_str(), rate);
  }
  std::fprintf(stderr, "%zu cases, fired %zu times\n", cases->size(), fired);
  return 0;
}

// A job as the queue hands it out, through the analyzer that the server uses.
int push(const std::string& folder, std::size_t commits, std::uint64_t pushes) {
  const auto scratch = std::filesystem::temp_directory_path() / ("analysis-bench-" + std::to_string(::getpid()));
  const std::string origin = (scratch / "origin").string();
  std::filesystem::create_directories(scratch);
  std::filesystem::copy(folder, origin, std::filesystem::copy_options::recursive);
  jobs::AnalyzerOptions options;
  options.folder = scratch / "clones";
  options.cache_folder = scratch / "cache";
  options.allow_local = true;
  const auto analyzer = jobs::make_git_analyzer(options);
  queue::Claim claim;
  claim.spec.url = origin;
  claim.spec.branch = "main";
  std::printf("pushes of %zu commits:", commits);
  bool is_good = true;
  for (std::uint64_t round = 0; round <= pushes && is_good; ++round) {
    is_good = round == 0 || bench::add_commits(origin, commits, round);
    const auto begin = Clock::now();
    const double before = processor_seconds();
    is_good = is_good && analyzer->analyse(claim, [](const std::string&) {}, {}).is_ok();
    std::printf(" %.0f (%.0f)", seconds_since(begin) * 1000, (processor_seconds() - before) * 1000);
  }
  std::printf(" ms wall (processor); the first is the clone\n");
  std::filesystem::remove_all(scratch);
  return is_good ? 0 : complain("a push could not be made or analysed");
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = source::run_fetch_child(argc, argv)) return *code;
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto word = [&](std::size_t i, const char* fallback) {
    return i < words.size() ? words[i] : std::string(fallback);
  };
  const std::string what = word(0, "");
  if (what == "generate" && words.size() >= 3) {
    bench::HistoryOptions options;
    options.commits = std::strtoul(words[2].c_str(), nullptr, 10);
    options.seed = std::strtoul(word(3, "1").c_str(), nullptr, 10);
    return bench::make_repository(words[1], options) ? 0 : complain("git fast-import failed");
  }
  if (what == "analyse" && words.size() >= 2)
    return analyse(words[1], static_cast<unsigned>(std::strtoul(word(2, "2").c_str(), nullptr, 10)),
                   word(3, "corrected"), word(4, ""));
  if (what == "push" && words.size() >= 2) {
    return push(words[1], std::strtoul(word(2, "20").c_str(), nullptr, 10),
                std::strtoul(word(3, "6").c_str(), nullptr, 10));
  }
  if (what == "strategies" && words.size() >= 2) return strategies(words[1]);
  return complain(
      "usage: analysis-bench generate FOLDER COMMITS [SEED] | analyse FOLDER [THREADS] [PROFILE] [COMMIT] | push "
      "FOLDER [COMMITS [PUSHES]] | strategies FOLDER");
}
