// The kept corpora, each file of them and simple damage to it, through the fuzzers' targets: no clang needed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "targets.hpp"

namespace cadence::fuzz {
namespace {

namespace fs = std::filesystem;

class Corpus : public ::testing::TestWithParam<const char*> {};

TEST_P(Corpus, KeepsEveryPromise) {
  const Target target = target_named(GetParam());
  ASSERT_NE(target, nullptr);
  std::size_t files = 0;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(CADENCE_SOURCE_DIR) / "tests/fuzz/git/corpus" / GetParam())) {
    ++files;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input(std::istreambuf_iterator<char>(file), {});
    SCOPED_TRACE(entry.path().filename().string());
    target(input);
    const std::size_t step = std::max<std::size_t>(1, input.size() / 40);
    for (std::size_t at = 0; at < input.size(); at += step) {
      target(std::string_view(input).substr(0, at));
      std::string damaged = input;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      target(damaged);
      damaged[at] = '\n';
      target(damaged);
    }
  }
  EXPECT_GT(files, 2U);
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus,
                         ::testing::Values("token_diff", "glob", "objects", "urls", "filters", "records", "packs"));

}  // namespace
}  // namespace cadence::fuzz
