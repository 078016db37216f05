// What a push costs a replica that never saw its repository's verdicts, where others share theirs and where nobody
// does, beside a replica that has them of its own.
//   shared-verdicts-bench SEED[,SEED…] REPOSITORY [COMMITS [PUSHES]]
// SEED: host:port of a Redis Cluster; REPOSITORY: bare, with a branch main; it is copied. A line for each kind of
// replica: the median and all times of the pushes, claim to result, wall and processor. tests/bench/webhook/shared
// runs it.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "analysis/source/git/fetch_child.hpp"
#include "analysis/source/git/shared_verdicts.hpp"
#include "base/text.hpp"
#include "cache/shared_cache.hpp"
#include "generated_history.hpp"
#include "jobs/repository.hpp"

namespace {

namespace fs = std::filesystem;
using namespace cadence;
using Clock = std::chrono::steady_clock;

int complain(const std::string& why) {
  std::cerr << "shared-verdicts-bench: " << why << "\n";
  return 1;
}

struct Cost {
  double wall = -1, processor = 0;  // ms; negative: it failed
};

struct Kind {
  const char* name;
  bool has_clone, has_commits, has_verdicts, is_sharing;
  std::vector<double> wall = {}, processor = {};
};

// Of this process and of those that fetched for it.
double processor_ms() {
  double out = 0;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(whose, &usage);
    for (const auto& time : {usage.ru_utime, usage.ru_stime})
      out += static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_usec) / 1000;
  }
  return out;
}

class Bench {
 public:
  Bench(fs::path scratch, const fs::path& repository, cache::SharedCache& shared)
      : scratch_(std::move(scratch)), shared_(shared) {
    fs::create_directories(scratch_);
    fs::copy(repository, origin(), fs::copy_options::recursive);
  }
  ~Bench() { fs::remove_all(scratch_); }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  [[nodiscard]] fs::path origin() const { return scratch_ / "origin"; }

  // Claim to result.
  Cost judge(const fs::path& cache, bool is_sharing) {
    jobs::AnalyzerOptions options;
    options.folder = scratch_ / "clones";
    options.cache_folder = cache;
    options.allow_local = true;
    if (is_sharing) options.shared = &shared_;
    const auto analyzer = jobs::make_git_analyzer(options);
    queue::Claim claim;
    claim.spec.url = origin();
    claim.spec.branch = "main";
    const auto begin = Clock::now();
    const double before = processor_ms();
    const auto done = analyzer->analyse(claim, [](const std::string&) {}, {});
    if (!done) std::cerr << done.error().message << "\n";
    if (!done) return {};
    return {std::chrono::duration<double, std::milli>(Clock::now() - begin).count(), processor_ms() - before};
  }

  // As `kind` finds it; `own`: the cache of the replica that has judged every push so far.
  Cost push(const Kind& kind, const fs::path& own) {
    if (kind.has_verdicts) return judge(own, kind.is_sharing);
    const auto cache = scratch_ / "young";
    fs::remove_all(cache);
    if (kind.has_clone) fs::copy(own, cache, fs::copy_options::recursive);
    for (const auto& entry : kind.has_clone ? fs::directory_iterator(cache) : fs::directory_iterator()) {
      if (!kind.has_commits) fs::remove(entry.path() / "commits");
      for (const auto& file : fs::directory_iterator(entry))
        if (file.path().filename().string().starts_with("verdicts-")) fs::remove(file.path());
    }
    return judge(cache, kind.is_sharing);
  }

  // What was found out lies in Redis.
  void settle() {
    const auto deadline = Clock::now() + std::chrono::seconds(30);
    for (std::uint64_t stored = ~0ULL; Clock::now() < deadline && stored != shared_.counts().stored;) {
      stored = shared_.counts().stored;
      ::usleep(100'000);
    }
  }

 private:
  fs::path scratch_;
  cache::SharedCache& shared_;
};

void print(const char* what, std::vector<double> times) {
  std::printf("  %s", what);
  for (const double time : times) std::printf(" %.0f", time);
  std::sort(times.begin(), times.end());
  std::printf(", median %.1f ms;", times[times.size() / 2]);
}

int run(const std::vector<std::string>& seeds, const fs::path& repository, std::size_t commits, std::uint64_t pushes) {
  // What sharing saves is measured, not when it is done without: the machine may be busy.
  cache::SharedCache shared({.seeds = seeds, .password_file = {}, .patience = std::chrono::milliseconds(200)});
  (void)analysis::source::program_mark();
  Bench bench(fs::temp_directory_path() / ("shared-verdicts-" + std::to_string(::getpid())), repository, shared);
  const auto own = bench.origin().parent_path() / "own";
  for (int tries = 0; !shared.clear(); ++tries) {
    if (tries == 100) return complain("the cluster does not answer: " + shared.counts().cluster.trouble);
    ::usleep(100'000);
  }
  const auto shows = [&](const fs::path& cache, bool is_sharing) { return bench.judge(cache, is_sharing).wall >= 0; };
  if (!shows(own, false) || !shows(bench.origin().parent_path() / "other", true)) return complain("no first analysis");
  bench.settle();
  // Those without verdicts first: none of them may find what another made of this push.
  std::vector<Kind> kinds{{"a clone, nothing shared", true, false, false, false},
                          {"a clone, others' verdicts", true, false, false, true},
                          {"a clone and its commits, others' verdicts", true, true, false, true},
                          {"its own verdicts", true, true, true, false},
                          {"nothing, nothing shared", false, false, false, false},
                          {"nothing, others' verdicts (this push's too)", false, false, false, true}};
  for (std::uint64_t round = 1; round <= pushes; ++round) {
    if (!bench::add_commits(bench.origin(), commits, round)) return complain("a push could not be made");
    for (auto& kind : kinds) {
      const auto cost = bench.push(kind, own);
      if (cost.wall < 0) return complain("a push could not be analysed");
      kind.wall.push_back(cost.wall);
      kind.processor.push_back(cost.processor);
      bench.settle();
    }
  }
  for (const auto& kind : kinds) {
    std::printf("%s:\n", kind.name);
    print("wall", kind.wall);
    print("processor", kind.processor);
    std::printf("\n");
  }
  const auto counts = shared.counts();
  std::printf("%llu blocks found, %llu not, %llu without an answer, %llu stored\n",
              static_cast<unsigned long long>(counts.hits), static_cast<unsigned long long>(counts.misses),
              static_cast<unsigned long long>(counts.errors), static_cast<unsigned long long>(counts.stored));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = analysis::source::run_fetch_child(argc, argv)) return *code;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 2) return complain("usage: shared-verdicts-bench SEED[,SEED…] REPOSITORY [COMMITS [PUSHES]]");
  const auto number = [&](std::size_t i, std::int64_t fallback) {
    return words.size() > i ? base::parse_integer(words[i]).value_or(fallback) : fallback;
  };
  return run(base::split(words[0], ','), words[1], static_cast<std::size_t>(number(2, 20)),
             static_cast<std::uint64_t>(number(3, 5)));
}
