// Whole histories from a seed: the numbers of their results were written down before the analysis was made fast, and
// hold for any number of threads. Who changes a rule on purpose takes the new numbers from the failures.
#include <gtest/gtest.h>

#include "analysis/source/git/repository.hpp"
#include "digest.hpp"
#include "generated_history.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

struct Generated {
  std::uint64_t seed;
  std::size_t most_files;
  std::uint64_t corrected, upstream, excluding;
};

class GeneratedHistory : public ::testing::TestWithParam<Generated> {};

std::uint64_t digest(const std::filesystem::path& repository, const git::AnalysisOptions& rules, unsigned threads) {
  AnalyseOptions options;
  options.rules = rules;
  options.threads = threads;
  const auto result = analyse(repository, {}, options, {});
  EXPECT_TRUE(result.is_ok()) << result.error().message;
  return bench::digest_of(*result);
}

TEST_P(GeneratedHistory, HasTheSameResultAsEver) {
  const Generated& wanted = GetParam();
  const ScratchFolder folder;
  const auto repository = folder.path() / "a";
  bench::HistoryOptions history;
  history.commits = 400;
  history.seed = wanted.seed;
  history.most_files = wanted.most_files;
  ASSERT_TRUE(bench::make_repository(repository.string(), history));
  git::AnalysisOptions upstream, excluding;
  upstream.profile = git::Profile::Upstream;
  excluding.exclude_files = {"*.md", "src/net/**", "[l-w]*.c"};
  excluding.strategies.set("naming_pattern_analysis", false);
  for (const unsigned threads : {1U, 2U, 4U}) {
    EXPECT_EQ(digest(repository, {}, threads), wanted.corrected) << std::hex << "corrected";
    EXPECT_EQ(digest(repository, upstream, threads), wanted.upstream) << "upstream";
    EXPECT_EQ(digest(repository, excluding, threads), wanted.excluding) << "excluding";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Seeds, GeneratedHistory,
    ::testing::Values(Generated{1, 2000, 0x20fa4e3fb7fb015f, 0x197326c7806652f, 0x63d08d6b21ab9887},
                      Generated{2, 60, 0x9d8716fc2bc65ad4, 0xed624152ef215c1e, 0x775036bd96ffd420},
                      Generated{3, 300, 0xda35053a87f70d71, 0x1a73c4071288433a, 0x40be6e1973d71040},
                      Generated{4, 30, 0xd9f4141f61491e31, 0xc510d8637fe2c7d1, 0xfb23eeb9ee79289b}));

}  // namespace
}  // namespace cadence::analysis::source
