// The analyzer that the server uses, on real repositories of this machine: the cache behind it never shows in a result.
#include <gtest/gtest.h>

#include "unit/analysis/memory_objects.hpp"
#include "unit/analysis/scratch_repository.hpp"
#include "analysis/source/git/repository_cache.hpp"
#include "jobs/repository.hpp"
#include "json/value.hpp"

namespace cadence::jobs {
namespace {

namespace fs = std::filesystem;
using analysis::source::run;
using analysis::source::ScratchFolder;
using analysis::source::ScratchRepository;

struct Analyzing : ::testing::Test {
  ScratchFolder folder;
  ScratchRepository repository{folder.path() / "a"};
  AnalyzerOptions options = [this] {
    AnalyzerOptions made;
    made.folder = folder.path() / "clones";
    made.cache_folder = folder.path() / "cache";
    made.allow_local = true;
    return made;
  }();

  void SetUp() override {
    for (int i = 0; i < 8; ++i) {
      repository.write("f" + std::to_string(i % 2),
                       analysis::git::numbered(0, 30 + static_cast<std::size_t>(i * 97 % 800)));
      repository.commit("caf\xe9 \xff " + std::to_string(i), i % 3 == 0 ? 20 : 4000);
    }
  }
  // A result without the moments it was made at.
  json::Value analysed(queue::Analyzer& analyzer, std::vector<std::string>* phases = nullptr) {
    queue::Claim claim;
    claim.spec.url = repository.path();
    const auto analysis = analyzer.analyse(claim,
                                           [&](const std::string& phase) {
                                             if (phases != nullptr) phases->push_back(phase);
                                           },
                                           {});
    EXPECT_TRUE(analysis.is_ok()) << analysis.error().message;
    auto result = analysis ? json::parse(analysis->result).value() : json::Value();
    for (const char* moment : {"analyzed_at", "started_at", "completed_at", "duration_ms"}) result.erase(moment);
    return result;
  }
  json::Value fresh() {
    AnalyzerOptions plain = options;
    plain.cache_folder.clear();
    return analysed(*make_git_analyzer(plain));
  }
  fs::path entry() const { return options.cache_folder / analysis::source::cache_key(repository.path()); }
};

TEST_F(Analyzing, GivesTheSameWithAndWithoutCache) {
  const auto analyzer = make_git_analyzer(options);
  const auto wanted = fresh();
  EXPECT_GT(wanted["suspicious_commits"], 0);
  EXPECT_EQ(analysed(*analyzer), wanted);
  EXPECT_EQ(analysed(*analyzer), wanted);
  repository.write("f0", "1\n");
  repository.commit("more");
  EXPECT_EQ(analysed(*analyzer), fresh());
}

TEST_F(Analyzing, ADamagedCacheIsFetchedOnceMore) {
  const auto analyzer = make_git_analyzer(options);
  const auto wanted = analysed(*analyzer);
  const std::string pack = run("ls " + (entry() / "repository/objects/pack").string() + "/*.pack");
  run("chmod u+w " + pack + " && dd if=/dev/zero of=" + pack + " bs=1 seek=200 count=400 conv=notrunc status=none");
  fs::remove(entry() / "commits");
  for (const auto& file : fs::directory_iterator(entry())) {
    if (file.path().filename().string().starts_with("verdicts-")) fs::remove(file.path());
  }
  std::vector<std::string> phases;
  EXPECT_EQ(analysed(*analyzer, &phases), wanted);
  EXPECT_EQ(phases, (std::vector<std::string>{"cloning", "analyzing", "cloning", "analyzing", "processing-results"}));
}

TEST_F(Analyzing, AFolderThatCannotBeWrittenMeansNoCache) {
  const auto wanted = fresh();
  options.cache_folder = "/proc/none";
  EXPECT_EQ(analysed(*make_git_analyzer(options)), wanted);
}

}  // namespace
}  // namespace cadence::jobs
