// Analysing repositories made with the real git: start points, faults, threads, limits.
#include <gtest/gtest.h>

#include <atomic>

#include "analysis/source/git/excerpt.hpp"
#include "analysis/source/git/repository.hpp"
#include "memory_objects.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

struct Repository : ::testing::Test {
  ScratchFolder folder;
  ScratchRepository repository{folder.path() / "a"};

  base::Result<git::AnalysisResult> analysed(const StartPoint& start = {}, const AnalyseOptions& options = {},
                                             std::stop_token stop = {}) {
    return analyse(repository.path(), start, options, std::move(stop));
  }
  struct Tips {
    std::string first, side, trunk;
  };
  // One commit, and one more on each of two branches; trunk is checked out.
  Tips fork() {
    Tips tips;
    repository.write("a", "1\n");
    tips.first = repository.commit("first");
    repository.git("checkout -q -b side");
    repository.write("b", "1\n");
    tips.side = repository.commit("side");
    repository.git("checkout -q trunk");
    repository.write("c", "1\n");
    tips.trunk = repository.commit("trunk");
    return tips;
  }
  std::string message(const StartPoint& start = {}) {
    const auto result = analysed(start);
    return result ? "" : result.error().message;
  }
};

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

TEST_F(Repository, StartsAtThePushedCommitTheBranchOrTheDefault) {
  const auto [first, side, trunk] = fork();
  const auto tip = [&](const StartPoint& start, const AnalyseOptions& options = {}) {
    return analysed(start, options).value().tip;
  };
  EXPECT_EQ(tip({"side", first}), first);
  EXPECT_EQ(tip({"side", ""}), side);
  EXPECT_EQ(tip({"", ""}), trunk);
  AnalyseOptions upstream;
  upstream.rules.profile = git::Profile::Upstream;
  EXPECT_EQ(tip({"side", ""}, upstream), trunk);  // Q-02
  repository.git("tag -a -m x v1 side");
  EXPECT_EQ(tip({"", repository.git("rev-parse v1")}), side);  // a tag object leads to its commit
}

TEST_F(Repository, WhatIsGoneIsNotJudgedAsSomethingElse) {
  const auto [first, side, trunk] = fork();
  AnalyseOptions upstream;
  upstream.rules.profile = git::Profile::Upstream;
  const std::string zeros(40, '0');
  bool is_damaged = false;
  AnalyseOptions corrected;
  corrected.on_unreadable = [&](std::uint64_t) { is_damaged = true; };
  const auto why = [&](const StartPoint& start, const AnalyseOptions& options) {
    const auto result = analysed(start, options);
    return result ? result->tip : result.error().message;
  };
  EXPECT_EQ(why({"gone", ""}, corrected),
            "The repository has no branch gone: it was renamed or deleted, or never pushed. Check its name with git "
            "ls-remote");
  for (const auto& options : {corrected, upstream}) {
    EXPECT_EQ(why({"side", zeros}, options), "The repository has no commit " + zeros +
                                                 " any more: it was overwritten or deleted since it was pushed. What "
                                                 "stands there now is judged with its own push");
  }
  EXPECT_EQ(why({"gone", ""}, upstream), trunk);    // Q-02
  EXPECT_EQ(why({"gone", side}, corrected), side);  // a commit that another branch holds
  EXPECT_FALSE(is_damaged) << "nothing to fetch once more";
}

TEST_F(Repository, AHeadThatPointsNowhereNamesTheBranchesThatThereAre) {
  fork();
  repository.git("symbolic-ref HEAD refs/heads/none");
  EXPECT_EQ(message(), "Could not analyse " + repository.path() +
                           ": its HEAD names no branch that exists. Name one that does: side, trunk");
  AnalyseOptions named;
  named.name = "https://host/kiln.git";
  EXPECT_EQ(
      analysed({}, named).error().message,
      "Could not analyse https://host/kiln.git: its HEAD names no branch that exists. Name one that does: side, trunk");
  EXPECT_TRUE(analysed({"side", ""}).is_ok());
}

TEST_F(Repository, ExtensionsThatDoNotChangeWhatIsRead) {
  const auto [first, side, trunk] = fork();
  repository.git("sparse-checkout init --cone");
  const std::string beside = (folder.path() / "beside").string();
  repository.git("worktree add -q " + beside + " side");
  // By the file's name: a git that does not know one of them does nothing more in the repository.
  const auto set = [&](const std::string& entry) {
    run("git config -f " + repository.path() + "/.git/config " + entry);
  };
  set("core.repositoryformatversion 1");
  set("extensions.partialClone origin");
  for (const char* extension : {"worktreeConfig", "preciousObjects", "relativeWorktrees"})
    set("extensions." + std::string(extension) + " true");
  const auto found = analysed();
  ASSERT_TRUE(found.is_ok()) << found.error().message;
  EXPECT_EQ(found->tip, trunk);
  const auto linked = analyse(beside, {}, {}, {});
  ASSERT_TRUE(linked.is_ok()) << linked.error().message;
  EXPECT_EQ(linked->tip, side);
}

TEST_F(Repository, WhatIsNotSupportedIsNamedWithAWayOut) {
  fork();
  const auto change = [&](const std::string& entry) {
    run("git config -f " + repository.path() + "/.git/config " + entry);
  };
  change("core.repositoryformatversion 1");
  change("extensions.refStorage reftable");
  EXPECT_NE(
      message().find(
          "it keeps its branches in the reftable format, which is not supported. Change it with git refs migrate"),
      std::string::npos)
      << message();
  change("--unset extensions.refStorage");
  change("extensions.kiln 1");
  EXPECT_NE(message().find("extensions.kiln"), std::string::npos) << message();
  const std::string other = (folder.path() / "sha256").string();
  run("git init -q --object-format=sha256 " + other);
  const auto refused = analyse(other, {}, {}, {});
  ASSERT_FALSE(refused.is_ok());
  EXPECT_NE(refused.error().message.find("it names its objects with SHA-256"), std::string::npos)
      << refused.error().message;
}

TEST_F(Repository, ReplacedObjectsAreReadAsGitReadsThem) {
  repository.write("a", git::lines(10));
  const std::string first = repository.commit("one");
  repository.write("a", git::lines(900));
  const std::string second = repository.commit("two");
  repository.write("a", git::lines(12));
  const std::string third = repository.commit("three");
  repository.git("checkout -q --detach " + first);
  repository.write("a", git::lines(11));
  const std::string other = repository.commit("instead");
  repository.git("checkout -q trunk");
  const auto before = analysed().value();
  repository.git("replace " + second + " " + other);
  const auto after = analysed().value();
  EXPECT_EQ(after.tip, third);
  EXPECT_EQ(after.total_commits, 3);
  EXPECT_NE(after.average_commit_size, before.average_commit_size);
  EXPECT_EQ(after.average_commit_size, 1);  // as git log --numstat has it: one line each time
}

TEST_F(Repository, WhatAPersonNamedMustBeThere) {
  const auto [first, side, trunk] = fork();
  for (const auto profile : {git::Profile::Corrected, git::Profile::Upstream}) {
    AnalyseOptions options;
    options.rules.profile = profile;
    const auto tip = [&](const std::string& branch, const std::string& commit) {
      const auto result = analysed({branch, commit, true}, options);
      return result ? result->tip : result.error().message;
    };
    EXPECT_EQ(tip("", ""), trunk);
    EXPECT_EQ(tip("side", ""), side);
    EXPECT_EQ(tip("", first), first);
    EXPECT_EQ(tip("", first.substr(0, 12)), first);
    EXPECT_EQ(tip("", base::replace_all(first, "a", "A")), first);
    EXPECT_EQ(tip("side", first), first);
    EXPECT_EQ(tip("gone", "").rfind("The repository has no branch gone. ", 0), 0U) << tip("gone", "");
    EXPECT_EQ(tip("gone", first).rfind("The repository has no branch gone. ", 0), 0U);
    for (const std::string& absent :
         {std::string("deadbeef"), std::string(40, '0'), std::string(40, 'e'), repository.git("rev-parse HEAD:a")}) {
      EXPECT_EQ(tip("", absent).rfind("The repository has no commit " + absent + ". ", 0), 0U) << tip("", absent);
      EXPECT_EQ(tip("side", absent).rfind("The repository has no commit " + absent + ". ", 0), 0U);
    }
    for (const std::string& wrong :
         {std::string("HEAD~1"), std::string("abc"), std::string(41, 'a'), std::string("side")}) {
      EXPECT_EQ(tip("", wrong).rfind(wrong + " is not the hash of a commit. ", 0), 0U) << tip("", wrong);
    }
  }
}

TEST_F(Repository, ABeginningThatObjectsShareIsNotGuessed) {
  repository.write("a", "1\n");
  const std::string commit = repository.commit("first");
  // Blobs enough for some four digits to be shared (the birthday of 65,536 hashes).
  std::string script;
  for (int i = 0; i < 1500; ++i)
    script += "blob\ndata " + std::to_string(std::to_string(i).size()) + "\n" + std::to_string(i) + "\n";
  std::ofstream(folder.path() / "blobs") << script;
  run("git -C " + repository.path() + " fast-import --quiet < " + (folder.path() / "blobs").string());
  const auto shared =
      run("git -C " + repository.path() +
          " cat-file --batch-all-objects --batch-check='%(objectname)' | cut -c1-4 | uniq -d | head -1");
  ASSERT_EQ(shared.size(), 4U);
  EXPECT_EQ(message({"", shared, true}),
            "More than one object's hash begins with " + shared + ". Give more of its digits");
  EXPECT_EQ(analysed({"", commit, true}).value().tip, commit);
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

TEST_F(Repository, WithoutCommitsSaysWhatToDo) {
  EXPECT_EQ(message(), "Could not analyse " + repository.path() +
                           ": it has no commit to start from. Push a commit, or name a branch that exists");
}

TEST_F(Repository, ShallowOneSaysWhatToDo) {
  for (int i = 0; i < 3; ++i) {
    repository.write("a", std::to_string(i));
    repository.commit("x");
  }
  const std::string shallow = (folder.path() / "shallow").string();
  run("git clone -q --depth 1 file://" + repository.path() + " " + shallow);
  const auto result = analyse(shallow, {}, {}, {});
  ASSERT_FALSE(result.is_ok());
  EXPECT_TRUE(
      result.error().message.ends_with("The repository is shallow: fetch its whole history (git fetch --unshallow)"))
      << result.error().message;
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
