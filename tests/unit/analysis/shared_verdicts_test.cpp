// Verdicts that servers share: the result is that of a server alone, whatever lies in the blocks.
#include <gtest/gtest.h>

#include <map>

#include "analysis/source/git/repository.hpp"
#include "analysis/source/git/shared_verdicts.hpp"
#include "digest.hpp"
#include "generated_history.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

class Blocks final : public SharedBlocks {
 public:
  void find(std::span<const std::string> keys, std::chrono::milliseconds, const Found& found) override {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ++asked;
      if (const auto block = all.find(keys[i]); block != all.end()) found(i, block->second);
    }
  }
  bool wants(const std::string& key, std::uint64_t state) override {
    return !states.contains(key) || states[key] != state;
  }
  void keep(const std::string& key, std::uint64_t state, std::string block) override {
    states[key] = state;
    all[key] = std::move(block);
    ++kept;
  }

  std::map<std::string, std::string> all;
  std::map<std::string, std::uint64_t> states;
  int asked = 0, kept = 0;
};

struct SharedVerdictsTest : ::testing::Test {
  static constexpr std::size_t kCommits = 600;

  ScratchFolder folder;
  std::string repository = (folder.path() / "a").string();
  Blocks blocks;

  SharedVerdictsTest() {
    bench::HistoryOptions history;
    history.commits = kCommits;
    EXPECT_TRUE(bench::make_repository(repository, history));
  }
  static std::uint64_t alone(const std::string& where, const git::AnalysisOptions& rules = {}) {
    AnalyseOptions options;
    options.rules = rules;
    return bench::digest_of(analyse(where, {}, options, {}).value());
  }
  // What another server makes of it; `known`: how many pairs it did not have to judge.
  std::uint64_t shared(const git::AnalysisOptions& rules = {}, const std::string& name = "kiln") {
    AnalyseOptions options;
    options.rules = rules;
    options.threads = 2;
    options.shared = {&blocks, name};
    known = all = 0;
    bool is_first = true;
    options.progress = [&](std::size_t done, std::size_t of) {
      const std::lock_guard lock(mutex);
      if (std::exchange(is_first, false) && done > 16) known = done;
      all = of;
    };
    return bench::digest_of(analyse(repository, {}, options, {}).value());
  }

  std::mutex mutex;
  std::size_t known = 0, all = 0;
};

TEST_F(SharedVerdictsTest, AreFoundByWhoHasNeverSeenTheRepository) {
  const auto wanted = alone(repository);
  EXPECT_EQ(shared(), wanted);
  EXPECT_EQ(known, 0U);
  EXPECT_GE(blocks.kept, 3) << "so that a push changes one of them only";
  EXPECT_EQ(shared(), wanted);
  EXPECT_EQ(known, all);
  EXPECT_GT(all, kCommits / 2);
}

TEST_F(SharedVerdictsTest, OfAPushOnlyTheNewestBlockChanges) {
  shared();
  const auto first = std::exchange(blocks.kept, 0);
  shared();
  EXPECT_EQ(blocks.kept, 0) << "others know all of it";
  ASSERT_TRUE(bench::add_commits(repository, 3, 7));
  EXPECT_EQ(shared(), alone(repository));
  EXPECT_GE(known + 3, all);
  EXPECT_LT(known, all);
  EXPECT_GE(blocks.kept, 1);
  EXPECT_LT(blocks.kept, first);
  shared();
  EXPECT_EQ(known, all);
}

TEST_F(SharedVerdictsTest, AreForTheSameRepositoryAndOptionsOnly) {
  shared();
  const auto whole = blocks.all;
  shared({}, "another");
  EXPECT_EQ(known, 0U);
  blocks.all = whole;
  git::AnalysisOptions rules;
  rules.thresholds.suspicious_additions = 5;
  EXPECT_EQ(shared(rules), alone(repository, rules));
  EXPECT_EQ(known, 0U);
  EXPECT_NE(alone(repository, rules), alone(repository)) << "else this would show nothing";
}

TEST_F(SharedVerdictsTest, DamageIsAMiss) {
  const auto wanted = alone(repository);
  shared();
  const auto whole = blocks.all;
  const std::vector<std::pair<const char*, std::function<std::string(const std::string&)>>> damages{
      {"cut", [](const std::string& text) { return text.substr(0, text.size() / 2); }},
      {"empty", [](const std::string&) { return std::string(); }},
      {"the beginning alone", [](const std::string& text) { return text.substr(0, 20); }},
      {"longer", [](const std::string& text) { return text + "x"; }},
      {"a bit", [](std::string text) { return text[text.size() / 2] ^= 1, text; }},
      {"the checksum", [](std::string text) { return text[18] ^= 1, text; }},
      {"the format", [](std::string text) { return text[14] ^= 1, text; }}};
  for (const auto& [what, damage] : damages) {
    blocks.all = whole;
    blocks.states.clear();
    for (auto& [key, text] : blocks.all) text = damage(text);
    EXPECT_EQ(shared(), wanted) << what;
    EXPECT_EQ(known, 0U) << what;
  }
}

// Records name their commits: what lies under the wrong key fits no pair.
TEST_F(SharedVerdictsTest, AnotherBlockUnderTheKeyIsNoVerdict) {
  const auto wanted = alone(repository);
  shared();
  auto text = blocks.all.rbegin()->second;
  for (auto& [key, block] : blocks.all) std::swap(text, block);
  EXPECT_EQ(shared(), wanted);
}

TEST_F(SharedVerdictsTest, WhoHasThemOfItsOwnAsksForNoneAndLearnsThoseOfOthers) {
  shared();
  const auto memory = folder.path() / "memory";
  std::filesystem::create_directories(memory);
  AnalyseOptions options;
  options.memory = memory;
  options.shared = {&blocks, "kiln"};
  const auto wanted = alone(repository);
  blocks.asked = 0;
  EXPECT_EQ(bench::digest_of(analyse(repository, {}, options, {}).value()), wanted);
  EXPECT_GT(std::exchange(blocks.asked, 0), 0);
  EXPECT_EQ(bench::digest_of(analyse(repository, {}, options, {}).value()), wanted);
  EXPECT_EQ(blocks.asked, 0);
}

TEST_F(SharedVerdictsTest, NothingIsToldOfWhatCouldNotBeRead) {
  const auto blob = run("git -C " + repository + " rev-parse 'main~30^{tree}'");
  const auto pack = run("ls " + repository + "/objects/pack/*.pack | head -1");
  const auto aside = (folder.path() / "aside.pack").string();
  run("mv " + pack + " " + aside + " && rm -f " + repository + "/objects/pack/*");
  run("git -C " + repository + " unpack-objects -q < " + aside);
  std::filesystem::remove(std::filesystem::path(repository) / "objects" / blob.substr(0, 2) / blob.substr(2));
  std::uint64_t unreadable = 0;
  AnalyseOptions options;
  options.shared = {&blocks, "kiln"};
  options.on_unreadable = [&](std::uint64_t objects) { unreadable = objects; };
  ASSERT_TRUE(analyse(repository, {}, options, {}));
  EXPECT_GT(unreadable, 0U);
  EXPECT_EQ(blocks.kept, 0);
}

}  // namespace
}  // namespace cadence::analysis::source
