// Analysing repositories made with the real git: what is judged, faults, threads, limits.
#include <atomic>

#include "analysis/source/git/excerpt.hpp"
#include "memory_objects.hpp"
#include "repository_fixture.hpp"

namespace cadence::analysis::source {
namespace {

TEST_F(Repository, OnePersonInTwoEncodingsIsOne) {
  repository.write("a.c", git::numbered(0, 10));
  repository.commit("first");
  const auto commit = [&](const std::string& encoding, const std::string& name, const std::string& message, int lines) {
    repository.write(encoding + ".c", git::numbered(0, lines));
    repository.git("config i18n.commitEncoding " + encoding);
    repository.git("config user.useConfigOnly false");
    repository.write(".git/message", message);
    repository.git("add -A");
    const std::string when = "'@" + std::to_string(1'700'200'000 + lines) + " +0000'";
    run("GIT_AUTHOR_NAME='" + name + "' GIT_AUTHOR_EMAIL=j@example.org GIT_AUTHOR_DATE=" + when +
        " GIT_COMMITTER_NAME=c GIT_COMMITTER_EMAIL=c git -C " + repository.path() + " commit -q -F .git/message");
  };
  commit("ISO-8859-1", "J\xf6rg",
         "gr\xfc\xdf"
         "e",
         700);
  commit("utf-8", "J\xc3\xb6rg",
         "gr\xc3\xbc\xc3\x9f"
         "e",
         800);
  const auto result = analysed();
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->unique_authors, 1);
  ASSERT_EQ(result->suspicions.size(), 2U);
  for (const auto& suspicion : result->suspicions)
    EXPECT_EQ(suspicion.message,
              "gr\xc3\xbc\xc3\x9f"
              "e\n")
        << suspicion.commit_index;
}

TEST_F(Repository, FlagsTheLargeCommit) {
  repository.write("a.c", git::numbered(0, 10));
  repository.commit("first");
  repository.write("b/c.c", git::numbered(0, 700));
  const std::string large = repository.commit("table of values");
  repository.write("a.c", git::numbered(0, 12));
  const std::string tip = repository.commit("two more");
  const auto result = analysed();
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->total_commits, 3);
  EXPECT_EQ(result->tip, tip);
  ASSERT_EQ(result->suspicions.size(), 1U);
  EXPECT_EQ(result->suspicions[0].commit_hash, large);
  EXPECT_EQ(result->suspicions[0].commit_index, 1);
  EXPECT_EQ(result->suspicions[0].message, "table of values\n");
  EXPECT_EQ(result->suspicions[0].reasons[0], "700 lines added, limit 500");
  EXPECT_EQ(result->time_span, "1 days");
  EXPECT_GE(result->completed_at, result->started_at);
}

TEST_F(Repository, MergesListTheSideBranchLast) {
  repository.write("a", "1\n");
  repository.commit("A");
  repository.git("checkout -q -b side");
  repository.write("s", "1\n");
  repository.commit("S");
  repository.git("checkout -q trunk");
  repository.write("b", "1\n");
  repository.commit("B");
  repository.git("merge -q --no-ff --no-commit side");
  repository.commit("M");
  repository.write("i", git::numbered(0, 600));
  repository.commit("I");
  const auto result = analysed();
  EXPECT_EQ(result->total_commits, 5);
  ASSERT_EQ(result->suspicions.size(), 1U);
  EXPECT_EQ(result->suspicions[0].commit_index, 0);
}

TEST_F(Repository, GivesTheSameForAnyNumberOfThreads) {
  for (std::size_t i = 0; i < 60; ++i) {
    repository.write("f" + std::to_string(i % 7), git::numbered(0, 40 + (i * 37) % 300));
    repository.commit("update implementation " + std::to_string(i), i % 3 == 0 ? 40 : 4000);
  }
  auto one = analysed().value();
  AnalyseOptions options;
  options.threads = 4;
  std::atomic<std::size_t> last{0};
  options.progress = [&](std::size_t done, std::size_t all) {
    EXPECT_EQ(all, 59U);
    if (done == all) last = done;
  };
  auto four = analysed({}, options).value();
  EXPECT_EQ(last, 59U);
  EXPECT_FALSE(one.suspicions.empty());
  one.started_at = four.started_at;
  one.completed_at = four.completed_at;
  EXPECT_EQ(one, four);
}

TEST_F(Repository, LostObjects) {
  repository.write("a", "1\n");
  const std::string first = repository.commit("first");
  repository.write("a", "1\n2\n");
  repository.commit("second");
  const auto lose = [&](const std::string& hash) {
    std::filesystem::remove(std::filesystem::path(repository.path()) / ".git/objects" / hash.substr(0, 2) /
                            hash.substr(2));
  };
  lose(repository.git("rev-parse HEAD:a"));  // a file: its numbers are missing, nothing else
  EXPECT_EQ(analysed()->average_commit_size, 0);
  lose(repository.git("rev-parse HEAD^{tree}"));  // a tree: the pair is dropped
  EXPECT_FALSE(analysed()->average_commit_size);
  lose(first);  // a commit: the job fails
  EXPECT_TRUE(message().starts_with("Could not analyse the history: Could not read commit " + first)) << message();
  EXPECT_TRUE(message().ends_with("clone it again"));
}

TEST_F(Repository, DamagedObjectIsNoCrash) {
  repository.write("a", "1\n");
  repository.commit("first");
  const std::string hash = repository.git("rev-parse HEAD");
  const auto file = std::filesystem::path(repository.path()) / ".git/objects" / hash.substr(0, 2) / hash.substr(2);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  std::ofstream(file, std::ios::binary) << "garbage";
  EXPECT_NE(message(), "");
}

TEST_F(Repository, InvalidThresholdsAndFoldersFail) {
  AnalyseOptions options;
  options.rules.thresholds.max_addition_ratio = 2;
  EXPECT_EQ(analysed({}, options).error().message, "thresholds.max_addition_ratio must lie between 0 and 1");
  const auto missing = analyse(folder.path() / "none", {}, {}, {});
  ASSERT_FALSE(missing.is_ok());
  EXPECT_EQ(missing.error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(analyse(folder.path(), {}, {}, {}).is_ok());
}

TEST_F(Repository, ShowsWhatACommitAdded) {
  ScratchRepository& r = repository;
  r.write("a.txt", "one\ntwo\n");
  const std::string root = r.commit("root");
  r.write("a.txt", "one\nzwei\nthree\n");
  r.write("b.bin", std::string("\0x\n", 3));
  r.write("vendor/c.txt", "left out\n");
  const std::string second = r.commit("second");
  git::AnalysisOptions rules;
  rules.exclude_files = {"vendor/**"};
  const auto texts = added_lines(r.path(), {root, second, "nonsense", std::string(40, 'f')}, 1000, rules, {});
  EXPECT_EQ(texts, (std::vector<std::string>{"", "zwei\nthree\n", "", ""}));
  EXPECT_EQ(added_lines(r.path(), {second}, 8, rules, {}).front(), "zwei\n");
  EXPECT_EQ(added_lines(r.path() + "/none", {second}, 8, rules, {}).front(), "");
}

TEST_F(Repository, StopAndTimeLimitEndTheAnalysis) {
  repository.write("a", "1\n");
  repository.commit("first");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(analysed({}, {}, stop.get_token()).error().kind, base::ErrorKind::Canceled);
  AnalyseOptions options;
  options.time_limit = std::chrono::seconds(0);
  const auto late = analysed({}, options);
  if (!late) {
    EXPECT_EQ(late.error().message,
              "Could not finish the analysis: timeout: it took longer than 0 s. Raise the time limit or analyse a "
              "smaller repository");
  }
}

TEST_F(Repository, OddDatesNamesAndFiles) {
  repository.write("a", "1\n");
  repository.commit("first", -1'700'000'000);  // 1970
  run("ln -s /etc/passwd " + repository.path() + "/link");
  repository.write("name with \"quotes\" and \xff", "x\n");
  repository.write("bin", std::string("\0\1\2", 3));
  repository.commit("later", 4'102'444'800);  // 2100
  const auto result = analysed();
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->average_commit_size, 2);
}

}  // namespace
}  // namespace cadence::analysis::source
