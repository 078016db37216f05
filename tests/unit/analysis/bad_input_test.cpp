// Repositories that no honest git writes, and ones that an honest git can be made to write: each ends in a result or in
// a sentence.
#include <gtest/gtest.h>

#include "analysis/source/git/repository.hpp"
#include "analysis/source/git/repository_cache.hpp"
#include "generated_history.hpp"
#include "memory_objects.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

namespace fs = std::filesystem;

std::int64_t peak_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoll(line.c_str() + 6, nullptr, 10) / 1024;
  }
  return 0;
}

struct BadInput : ::testing::Test {
  ScratchFolder folder;
  ScratchRepository repository{folder.path() / "a"};

  base::Result<git::AnalysisResult> analysed(const std::string& after = "") {
    return analyse(repository.path(), {"", after}, {}, {});
  }
  // An object of just these bytes, whatever git thinks of them; its name.
  std::string literal(const std::string& kind, const std::string& bytes) {
    std::ofstream(folder.path() / "bytes", std::ios::binary) << bytes;
    return repository.git("hash-object -t " + kind + " -w --literally " + (folder.path() / "bytes").string());
  }
  std::string commit_of(const std::string& tree, const std::vector<std::string>& parents,
                        const std::string& date = "1700000000 +0000",
                        const std::string& author = "Ada <ada@example.org>", const std::string& message = "x\n") {
    std::string text = "tree " + tree + "\n";
    for (const std::string& parent : parents) text += "parent " + parent + "\n";
    return literal("commit", text + "author " + author + " " + date +
                                 "\ncommitter C <c@example.org> 1700000000 +0000\n\n" + message);
  }
  std::string tree_of(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string bytes;
    for (const auto& [head, hash] : entries) {
      bytes += head + std::string(1, '\0');
      for (std::size_t i = 0; i < 40; i += 2) bytes += static_cast<char>(std::stoi(hash.substr(i, 2), nullptr, 16));
    }
    return literal("tree", bytes);
  }
  std::string file(const std::string& content) { return literal("blob", content); }
};

TEST_F(BadInput, FlippedBytesAnywhereInAPackEndInAResultOrASentence) {
  const std::string bare = (folder.path() / "packed").string();
  bench::HistoryOptions history;
  history.commits = 60;
  ASSERT_TRUE(bench::make_repository(bare, history));
  std::size_t failed = 0;
  for (const std::string ending : {"pack", "idx"}) {
    const std::string path = run("ls " + bare + "/objects/pack/*." + ending);
    fs::permissions(path, fs::perms::owner_all);
    const auto size = fs::file_size(path);
    for (std::uint64_t i = 0; i < 40; ++i) {
      std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
      const auto at = static_cast<std::streamoff>(i * 7919 * 131 % size);
      bytes.seekg(at);
      const int before = bytes.get();
      bytes.seekp(at);
      bytes.put(static_cast<char>(before ^ (1 << (i % 8))));
      bytes.flush();
      const auto result = analyse(bare, {}, {}, {});
      failed += result ? 0 : 1;
      EXPECT_TRUE(result.is_ok() || result.error().message.starts_with("Could not ")) << result.error().message;
      bytes.seekp(at);
      bytes.put(static_cast<char>(before));
    }
  }
  EXPECT_GT(failed, 0U);
  EXPECT_TRUE(analyse(bare, {}, {}, {}).is_ok()) << "all bytes are back";
}

TEST_F(BadInput, AMissingParentIsNamed) {
  const std::string ghost(40, 'a');
  const std::string tip = commit_of(tree_of({}), {ghost});
  const auto result = analysed(tip);
  ASSERT_FALSE(result.is_ok());
  EXPECT_TRUE(result.error().message.starts_with("Could not analyse the history: Could not read commit " + ghost))
      << result.error().message;
}

TEST_F(BadInput, AParentThatIsNoCommitIsNamed) {
  const std::string blob = file("x\n");
  const auto result = analysed(commit_of(tree_of({}), {blob}));
  ASSERT_FALSE(result.is_ok());
  EXPECT_NE(result.error().message.find(blob), std::string::npos);
}

TEST_F(BadInput, ACommitUnderAnotherOnesNameIsRefused) {
  repository.write("a", "1\n");
  const std::string first = repository.commit("first");
  const std::string other = commit_of(tree_of({}), {}, "5 +0000");
  const auto object = [&](const std::string& hash) {
    return fs::path(repository.path()) / ".git/objects" / hash.substr(0, 2) / hash.substr(2);
  };
  fs::remove(object(first));
  fs::copy_file(object(other), object(first));
  const auto result = analysed();
  ASSERT_FALSE(result.is_ok());
}

TEST_F(BadInput, MergesOfManyParentsAreNoPairsAndListTheirSides) {
  repository.write("a", "1\n");
  const std::string root = repository.commit("root");
  const std::string tree = repository.git("rev-parse HEAD^{tree}");
  std::vector<std::string> sides;
  for (int i = 0; i < 60; ++i)
    sides.push_back(commit_of(tree_of({{"100644 f", file(std::to_string(i + 2) + "\n")}}), {root},
                              std::to_string(1800000000 + i) + " +0000"));
  const auto result = analysed(commit_of(tree, sides, "1900000000 +0000"));
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->total_commits, 62);
  EXPECT_EQ(result->average_commit_size, 2);  // the sides, not the merge: a line gone, a line added
}

TEST_F(BadInput, DatesOfAllKinds) {
  const std::string tree = tree_of({});
  std::string tip = commit_of(tree, {}, "4102444800 +0000");  // 2100
  for (const std::string date : {"0 +0000", "-5 +0000", "9223372036854775807 +0000", "-9223372036854775808 +0000",
                                 "99999999999999999999999 +0000", "never", "", "1700000000", "1700000000 +9999"}) {
    tip = commit_of(tree, {tip}, date);
    const auto result = analysed(tip);
    ASSERT_TRUE(result.is_ok()) << date << ": " << result.error().message;
  }
}

TEST_F(BadInput, NamesAndMessagesInAnyEncoding) {
  const std::string tree = tree_of({{"100644 f", file(git::numbered(0, 700))}});
  const std::string root = commit_of(tree_of({}), {}, "1600000000 +0000");
  const std::string message = std::string("caf\xe9 \xff\xfe ") + std::string("\0nul", 4) + "\xed\xa0\x80\n";
  const auto result = analysed(commit_of(tree, {root}, "1700000000 +0000", "\xc3\x28 \x80 <\xff@\xfe>", message));
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  ASSERT_EQ(result->suspicions.size(), 1U);
  const std::string read = std::string("caf\u00e9 \u00ff\u00fe ") + std::string("\0nul", 4) + "\u00ed\u00a0\u20ac\n";
  EXPECT_EQ(result->suspicions[0].message, read) << "no encoding is named and it is no UTF-8: windows-1252";
}

TEST_F(BadInput, HugeAndBinaryFilesCostLittleMemory) {
  repository.write("small", "1\n");
  repository.commit("first");
  const auto before = peak_mebibytes();
  run("head -c 300000000 /dev/zero | tr '\\0' 'a' > " + repository.path() + "/huge");
  repository.write("binary", std::string(100, '\0') + git::numbered(0, 900));
  repository.commit("huge");
  repository.git("repack -adq");
  const auto result = analysed();
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->average_commit_size, 0);
  EXPECT_LT(peak_mebibytes() - before, 60) << "a file over the bound is never read";
}

TEST_F(BadInput, FilesOfNothingButLineEndsCostBoundedMemory) {
  repository.write("few", "1\n");
  repository.commit("first");
  const auto before = peak_mebibytes();
  run("yes '' | head -c 60000000 > " + repository.path() + "/lines");
  repository.commit("many lines");
  run("yes a | head -c 60000000 > " + repository.path() + "/lines");
  repository.commit("other lines");
  const auto result = analysed();
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->average_commit_size, 15000000);
  EXPECT_LT(peak_mebibytes() - before, 800);
}

TEST_F(BadInput, SubmodulesAndSymlinksAreNotFollowed) {
  repository.write("a", "1\n");
  repository.commit("first");
  run("ln -s /etc " + repository.path() + "/folder && ln -s ../../../../etc/passwd " + repository.path() + "/up");
  repository.git("update-index --add --cacheinfo 160000," + std::string(40, 'c') + ",module");
  repository.commit("links");
  const auto result = analysed();
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->average_commit_size, 2);  // the targets' texts, a line each
}

TEST_F(BadInput, HostilePathsAreOnlyText) {
  const std::string blob = file(git::numbered(0, 10));
  const std::string deep = tree_of({{"100644 x", blob}});
  const std::string tree = tree_of({{"100644 ..", blob},
                                    {"100644 .git", blob},
                                    {"100644 ", blob},
                                    {"100644 /etc/passwd", blob},
                                    {"100644 a/b", blob},
                                    {"40000 a", deep},
                                    {"100644 a", blob},
                                    {"100644 a", blob},
                                    {"100644 new\nline", blob},
                                    {"777777 odd", blob},
                                    {"100644 " + std::string(5000, 'p'), blob}});
  const auto result = analysed(commit_of(tree, {commit_of(tree_of({}), {}, "1600000000 +0000")}));
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_FALSE(fs::exists(folder.path() / "etc"));
}

TEST_F(BadInput, FoldersInFoldersWithoutEnd) {
  std::string tree = tree_of({{"100644 x", file("1\n")}});
  for (int depth = 0; depth < 700; ++depth) tree = tree_of({{"40000 d", tree}});
  const auto result = analysed(commit_of(tree, {commit_of(tree_of({}), {}, "1600000000 +0000")}));
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->average_commit_size, 0);  // below the depth that is entered
}

TEST_F(BadInput, AHundredThousandReferences) {
  repository.write("a", "1\n");
  const std::string tip = repository.commit("first");
  std::ofstream packed(fs::path(repository.path()) / ".git/packed-refs");
  packed << "# pack-refs with: peeled fully-peeled sorted \n";
  for (int i = 0; i < 100000; ++i) packed << tip << " refs/heads/many/" << 100000 + i << "\n";
  packed.close();
  const GitServer server(folder.path());
  const ScratchFolder clones;
  CloneOptions options;
  options.url = server.url("a");
  options.folder = clones.path();
  options.allow_private_networks = true;
  {
    const auto made = clone(options, {});
    ASSERT_TRUE(made.is_ok()) << made.error().message;
    EXPECT_EQ(run("git -C " + made->path().string() + " for-each-ref | wc -l"), "1")
        << "only what an analysis can start from";
  }
  options.max_bytes = 1000;  // of what the server says before anything is asked for
  const auto cut = clone(options, {});
  ASSERT_FALSE(cut.is_ok());
  EXPECT_NE(cut.error().message.find("the server sent more than is allowed"), std::string::npos) << cut.error().message;
  options.max_bytes = 1 << 30;
  options.after = tip;
  options.branch = "gone";  // everything
  options.time_limit = std::chrono::seconds(2);
  const auto begin = std::chrono::steady_clock::now();
  const auto everything = clone(options, {});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
  EXPECT_TRUE(everything.is_ok() || everything.error().message.find("it took longer than 2 s") != std::string::npos)
      << everything.error().message;
}

TEST_F(BadInput, HistoryRewrittenBetweenFetchAndWalk) {
  const ScratchFolder caches;
  const auto cache = std::move(*RepositoryCache::open(caches.path(), 1 << 30));
  repository.write("a", "1\n");
  repository.commit("first");
  repository.write("a", "2\n");
  const std::string old_tip = repository.commit("second");
  CloneOptions options;
  options.url = repository.path();
  options.allow_local = true;
  const auto fetched = cache->fetch(options, {});
  ASSERT_TRUE(fetched.is_ok());
  repository.git("reset -q --hard HEAD~1");
  repository.write("b", "2\n");
  repository.commit("other");
  repository.git("reflog expire --expire=now --all");
  repository.git("gc -q --prune=now");
  ASSERT_TRUE(cache->fetch(options, {}).is_ok());  // another worker's
  const auto result = analyse(fetched->path(), {"", old_tip}, {}, {});
  ASSERT_TRUE(result.is_ok()) << result.error().message;
  EXPECT_EQ(result->tip, old_tip);
}

}  // namespace
}  // namespace cadence::analysis::source
