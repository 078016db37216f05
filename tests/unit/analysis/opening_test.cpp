// Where an analysis begins: the commit, branch or HEAD that was named, and repositories that cannot be read as they
// are.
#include "memory_objects.hpp"
#include "repository_fixture.hpp"

namespace cadence::analysis::source {
namespace {

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
  EXPECT_EQ(tip({"side", ""}, upstream), trunk);
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
  EXPECT_EQ(why({"gone", ""}, upstream), trunk);
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

}  // namespace
}  // namespace cadence::analysis::source
