// Repositories that stay: what a second fetch brings, what is dropped, what is never trusted.
#include <gtest/gtest.h>

#include <sys/file.h>
#include <fcntl.h>

#include <atomic>

#include "analysis/source/git/repository_cache.hpp"
#include "digest.hpp"
#include "memory_objects.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

namespace fs = std::filesystem;

struct Caching : ::testing::Test {
  ScratchFolder folder;
  ScratchFolder caches;
  ScratchRepository repository{folder.path() / "a"};
  std::unique_ptr<RepositoryCache> cache = open();

  std::unique_ptr<RepositoryCache> open(std::uint64_t max_bytes = 1 << 30) {
    return std::move(*RepositoryCache::open(caches.path(), max_bytes));
  }
  CloneOptions options() {
    CloneOptions options;
    options.url = repository.path();
    options.allow_local = true;
    options.time_limit = std::chrono::seconds(10);
    return options;
  }
  // Analyses through the cache; the damaged flag as the server uses it.
  git::AnalysisResult analysed(const CloneOptions& wanted, bool* is_damaged = nullptr) {
    auto cached = cache->fetch(wanted, {});
    EXPECT_TRUE(cached.is_ok()) << cached.error().message;
    AnalyseOptions how;
    how.memory = cached->memory();
    how.on_unreadable = [&](std::uint64_t) {
      if (is_damaged != nullptr) *is_damaged = true;
    };
    return analyse(cached->path(), {wanted.branch, wanted.after}, how, {}).value();
  }
  git::AnalysisResult analysed() { return analysed(options()); }
  std::uint64_t fresh() { return bench::digest_of(analyse(repository.path(), {}, {}, {}).value()); }
  fs::path entry() const { return caches.path() / cache_key(repository.path()); }
  void grow(int commits) {
    for (int i = 0; i < commits; ++i) {
      repository.write("f" + std::to_string(i % 3),
                       git::numbered(0, 20 + static_cast<std::size_t>(++grown_) * 7 % 300));
      repository.commit("update implementation " + std::to_string(grown_), grown_ % 4 == 0 ? 30 : 5000);
    }
  }
  std::string packs() {
    return run("ls " + (entry() / "repository/objects/pack").string() + " | grep -c 'pack$' || true");
  }

 private:
  int grown_ = 0;
};

TEST_F(Caching, ASecondFetchBringsOnlyNews) {
  grow(12);
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
  EXPECT_EQ(packs(), "1");
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
  EXPECT_EQ(packs(), "1");  // nothing new
  grow(3);
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
  EXPECT_EQ(packs(), "2");
  const auto sizes =
      run("stat -c %s " + (entry() / "repository/objects/pack").string() + "/*.pack | sort -n | head -1");
  EXPECT_LT(std::stoi(sizes), 3000) << "the second pack holds three commits, not fifteen";
}

TEST_F(Caching, TheMemoryChangesNoResult) {
  grow(20);
  repository.git("checkout -q -b side HEAD~5");
  grow(4);
  repository.git("checkout -q trunk");
  repository.git("merge -q -m merged -s ours side");
  analysed();
  grow(2);
  const auto with_memory = bench::digest_of(analysed());
  EXPECT_EQ(with_memory, fresh());
  EXPECT_TRUE(fs::exists(entry() / "commits"));
}

TEST_F(Caching, DamagedMemoryIsIgnoredAndReplaced) {
  grow(15);
  analysed();
  const auto wanted = fresh();
  for (const fs::directory_entry& file : fs::directory_iterator(entry())) {
    const std::string name = file.path().filename();
    if (name != "commits" && !name.starts_with("verdicts-")) continue;
    for (const std::size_t at : {0U, 9U, 40U, 200U, 700U}) {
      {
        std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(static_cast<std::streamoff>(at));
        const char before = static_cast<char>(bytes.get());
        bytes.seekp(static_cast<std::streamoff>(at));
        bytes.put(static_cast<char>(before ^ 0x55));
      }
      EXPECT_EQ(bench::digest_of(analysed()), wanted) << name << " at " << at;
      fs::resize_file(file.path(), fs::file_size(file.path()) - 3);
      EXPECT_EQ(bench::digest_of(analysed()), wanted) << name << " cut";
    }
  }
}

TEST_F(Caching, OtherOptionsHaveVerdictsOfTheirOwn) {
  grow(15);
  auto cached = cache->fetch(options(), {});
  AnalyseOptions how;
  how.memory = cached->memory();
  const auto first = analyse(cached->path(), {}, how, {}).value();
  how.rules.thresholds.min_time_delta_seconds = 6000;
  const auto strict = analyse(cached->path(), {}, how, {}).value();
  how.memory.clear();
  EXPECT_EQ(bench::digest_of(strict), bench::digest_of(analyse(cached->path(), {}, how, {}).value()));
  EXPECT_NE(bench::digest_of(strict), bench::digest_of(first));
}

TEST_F(Caching, RewrittenHistoryIsFollowed) {
  grow(8);
  analysed();
  repository.git("reset -q --hard HEAD~4");
  grow(3);
  const auto result = analysed();
  EXPECT_EQ(result.total_commits, 7);
  EXPECT_EQ(bench::digest_of(result), fresh());
}

TEST_F(Caching, ABranchThatIsGoneIsNotFoundHere) {
  grow(3);
  repository.git("branch side HEAD~1");
  CloneOptions side = options();
  side.branch = "side";
  EXPECT_EQ(analysed(side).total_commits, 2);
  repository.git("branch -D side");
  const auto cached = cache->fetch(side, {});
  ASSERT_TRUE(cached.is_ok()) << cached.error().message;
  const auto gone = analyse(cached->path(), {"side", ""}, {}, {});
  ASSERT_FALSE(gone.is_ok());  // as in a fresh clone
  EXPECT_EQ(gone.error().message.rfind("The repository has no branch side: ", 0), 0U) << gone.error().message;
}

TEST_F(Caching, AKilledFetchIsNotTrusted) {
  grow(5);
  analysed();
  fs::remove(entry() / "ready");  // as the fetch that died has left it
  run("rm -rf " + (entry() / "repository/objects").string() + "/*; echo junk > " +
      (entry() / "repository/refs/heads/trunk.lock").string());
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
  fs::remove(entry() / "ready");
  fs::create_directories(caches.path() / "trash-xyz/entry");
  cache = open();
  EXPECT_TRUE(fs::is_empty(caches.path())) << "left-overs go when a program starts";
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
}

TEST_F(Caching, ADamagedRepositoryIsClonedAgain) {
  grow(5);
  analysed();
  run("echo junk > " + (entry() / "repository/HEAD").string());
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
  const auto damage_pack = [&](const std::string& how) {
    const std::string pack = run("ls " + (entry() / "repository/objects/pack").string() + "/*.pack");
    run("chmod u+w " + pack + " && " + how + pack);
  };
  // A fetch sees that the index does not fit.
  damage_pack("truncate -s 100 ");
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
  // What only reading finds is told to the caller, who condemns it.
  damage_pack("dd status=none if=/dev/zero bs=1 seek=20 count=500 conv=notrunc of=");
  fs::remove(entry() / "commits");
  {
    bool is_damaged = false;
    auto cached = cache->fetch(options(), {});
    ASSERT_TRUE(cached.is_ok());
    AnalyseOptions how;
    how.on_unreadable = [&](std::uint64_t) { is_damaged = true; };
    EXPECT_FALSE(analyse(cached->path(), {}, how, {}).is_ok());
    EXPECT_TRUE(is_damaged);
    cached->condemn();
  }
  EXPECT_EQ(bench::digest_of(analysed()), fresh());
}

TEST_F(Caching, TheLongestUnusedGoesFirstAndWhatIsInUseStays) {
  std::vector<std::unique_ptr<ScratchRepository>> others;
  const auto fetched = [&](std::size_t i) {
    CloneOptions wanted = options();
    wanted.url = others[i]->path();
    return cache->fetch(wanted, {});
  };
  const auto is_kept = [&](std::size_t i) { return fs::exists(caches.path() / cache_key(others[i]->path())); };
  for (std::size_t i = 0; i < 3; ++i) {
    others.push_back(std::make_unique<ScratchRepository>(folder.path() / ("r" + std::to_string(i))));
    std::string noise;
    for (std::uint32_t k = 0, x = 1 + static_cast<std::uint32_t>(i); k < 300000; ++k)
      noise += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
    others[i]->write("noise", noise);
    others[i]->commit("noise");
  }
  cache = open(1'000'000);  // two of them fit
  {
    const auto in_use = fetched(0);
    EXPECT_TRUE(fetched(1).is_ok());
    EXPECT_TRUE(fetched(2).is_ok());
    EXPECT_TRUE(is_kept(0));
    EXPECT_FALSE(is_kept(1));
    EXPECT_TRUE(is_kept(2));
  }
  EXPECT_TRUE(fetched(1).is_ok());
  EXPECT_FALSE(is_kept(0));
  cache = open(1000);  // nothing fits any longer
  EXPECT_FALSE(is_kept(1));
  EXPECT_TRUE(fetched(1).is_ok());
  EXPECT_FALSE(is_kept(1)) << "gone after its use";
}

TEST_F(Caching, ManyAtOnceShareOneFetch) {
  grow(10);
  const auto wanted = fresh();
  std::atomic<int> good{0};
  for (int round = 0; round < 3; ++round) {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 6; ++i) {
      workers.emplace_back([&, i] {
        CloneOptions mine = options();
        if (i % 2 == 1) mine.branch = "trunk";
        if (bench::digest_of(analysed(mine)) == wanted) ++good;
      });
    }
  }
  EXPECT_EQ(good, 18);
  EXPECT_EQ(packs(), "1");
}

TEST_F(Caching, WaitingForAnotherFetchIsBoundedAndEndsWithAStop) {
  grow(1);
  analysed();
  const int held = ::open((entry() / "fetching").c_str(), O_RDWR);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  CloneOptions hasty = options();
  hasty.time_limit = std::chrono::seconds(1);
  const auto late = cache->fetch(hasty, {});
  ASSERT_FALSE(late.is_ok());
  EXPECT_EQ(late.error().message,
            "Could not clone " + hasty.url + ": another fetch of it has not ended within 1 s. Try again later");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(cache->fetch(options(), stop.get_token()).error().kind, base::ErrorKind::Canceled);
  ::close(held);
  EXPECT_TRUE(cache->fetch(options(), {}).is_ok());
}

TEST_F(Caching, TheRulesOfAddressesHoldForWhatIsCached) {
  grow(2);
  const GitServer server(folder.path());
  CloneOptions remote = options();
  remote.allow_local = false;
  remote.url = server.url("a");
  remote.allowed_hosts = {"127.0.0.1"};
  EXPECT_EQ(analysed(remote).total_commits, 2);
  remote.allowed_hosts.clear();
  EXPECT_EQ(cache->fetch(remote, {}).error().kind, base::ErrorKind::Forbidden);
  remote.url = repository.path();
  EXPECT_EQ(cache->fetch(remote, {}).error().kind, base::ErrorKind::Forbidden);
  remote.url = server.url("gone");
  remote.allowed_hosts = {"127.0.0.1"};
  EXPECT_EQ(cache->fetch(remote, {}).error().kind, base::ErrorKind::NotFound);
  EXPECT_FALSE(fs::exists(caches.path() / cache_key(remote.url)));
}

TEST(CacheKeys, DoNotDependOnCredentialsOrLetterCaseOfHosts) {
  EXPECT_EQ(cache_key("https://user:pass@Git.Example.org/a/b"), cache_key("HTTPS://git.example.org/a/b"));
  EXPECT_NE(cache_key("https://git.example.org/a/b"), cache_key("https://git.example.org/A/b"));
  EXPECT_NE(cache_key("https://git.example.org/a"), cache_key("http://git.example.org/a"));
  EXPECT_NE(cache_key("https://git.example.org/a@b"), cache_key("https://git.example.org/b"));
}

TEST(CacheFolders, ThatCannotBeWrittenSaySo) {
  const auto cache = RepositoryCache::open("/proc/none", 1000);
  ASSERT_FALSE(cache.is_ok());
  EXPECT_NE(cache.error().message.find("clone.cache.folder"), std::string::npos);
}

}  // namespace
}  // namespace cadence::analysis::source
