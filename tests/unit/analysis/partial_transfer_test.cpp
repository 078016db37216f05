// Partial transfer: the request's text, and against git's own servers, with and without their offer.
#include <gtest/gtest.h>

#include <fstream>

#include "analysis/source/git/partial_transfer.hpp"
#include "analysis/source/git/repository_cache.hpp"
#include "memory_objects.hpp"
#include "script_servers.hpp"

namespace cadence::analysis::source {
namespace {

using namespace std::string_literals;

constexpr std::uint64_t kLargest = 2000;

TEST(Filter, IsOfferedAmongTheCapabilitiesOnly) {
  const std::string hash(40, 'a');
  EXPECT_EQ(offers_filter("00aa" + hash + " HEAD\0side-band-64k filter agent=git\n"s), true);
  EXPECT_EQ(offers_filter("001e# service=git-upload-pack\n000000aa" + hash + " HEAD\0thin-pack allow-filter\n"s),
            false);
  EXPECT_EQ(offers_filter("00aa" + hash + " HEAD\0side-band-64k fil"s), std::nullopt);
  EXPECT_EQ(offers_filter("00aa" + hash + " refs/heads/filter"), std::nullopt);
  EXPECT_EQ(offers_filter(""), std::nullopt);
}

TEST(Filter, FollowsWhatIsWanted) {
  const std::string hash(40, 'a');
  const std::string haves = "0032have " + hash + "\n0009done\n";
  EXPECT_EQ(with_filter("0047want " + hash + " ofs-delta thin-pack \n0032want " + hash + "\n0000" + haves, 1999),
            "0043want " + hash + " ofs-delta filter\n0032want " + hash + "\n001bfilter blob:limit=2000\n0000" + haves);
}

TEST(Filter, LeavesOtherTextAlone) {
  for (const std::string text :
       {"", "0000", "0009done\n", "zzzzwant x\n", "00ffwant cut off", "0003", "git-upload-pack /a\0host=b"}) {
    EXPECT_EQ(with_filter(text, 1), text);
  }
}

struct Partial : ::testing::Test {
  ScratchFolder folder;
  ScratchFolder clones;
  ScratchRepository repository{folder.path() / "a"};

  void offer(bool is_offered) { repository.git("config uploadpack.allowFilter "s + (is_offered ? "true" : "false")); }

  static std::string noise(std::size_t bytes, int seed) {
    std::string text;
    for (std::uint32_t x = static_cast<std::uint32_t>(seed) * 2654435761U + 1; text.size() < bytes;
         x = x * 1664525U + 1013904223U)
      text += std::to_string(x) + "\n";
    return text;
  }
  void commit_files() {
    repository.write("small", noise(500, 1));
    repository.write("model.bin", noise(50'000, 2));
    repository.write("moved.bin", noise(30'000, 3));
    repository.commit("first");
    repository.write("small", noise(700, 1));
    repository.write("model.bin", noise(51'000, 2));
    repository.git("mv moved.bin elsewhere.bin");
    repository.commit("second");
    repository.git("mv elsewhere.bin once-more.bin");
    repository.write("once-more.bin", noise(29'000, 3));
    repository.write("shrunk", noise(1500, 2));
    repository.commit("third");
  }
  CloneOptions options(const std::string& url) {
    CloneOptions options;
    options.url = url;
    options.folder = clones.path();
    options.allow_private_networks = true;
    options.allow_local = true;
    options.largest_file = kLargest;
    options.time_limit = std::chrono::seconds(20);
    return options;
  }
  // What is found, without its times; everything has to be readable.
  static git::AnalysisResult found_in(const std::filesystem::path& folder, const std::filesystem::path& memory = {}) {
    AnalyseOptions how;
    how.rules.bounds.max_file_bytes = kLargest;
    how.rules.thresholds.suspicious_additions = 10;
    how.rules.keeps_sizes = true;
    how.memory = memory;
    how.on_unreadable = [](std::uint64_t objects) { ADD_FAILURE() << objects << " objects could not be read"; };
    auto found = analyse(folder, {}, how, {});
    EXPECT_TRUE(found.is_ok()) << found.error().message;
    found->started_at = found->completed_at = {};
    return std::move(*found);
  }
  [[nodiscard]] static std::string missing_in(const std::filesystem::path& clone) {
    return run("git -C " + clone.string() + " rev-list --objects --all --missing=print | grep -c '^?' || true");
  }
};

TEST_F(Partial, LargeFilesStayAtAServerThatOffersToKeepThem) {
  commit_files();
  offer(true);
  const GitServer over_git(folder.path());
  const Backend over_http(folder.path(), "", "");
  for (const std::string& url : {over_git.url("a"), "http://:@" + over_http.place() + "/a/.git"}) {
    const auto made = clone(options(url), {});
    ASSERT_TRUE(made.is_ok()) << made.error().message;
    EXPECT_EQ(missing_in(made->path()), "4") << url;
    EXPECT_EQ(found_in(made->path()), found_in(repository.path())) << url;
  }
}

TEST_F(Partial, AServerWithoutTheOfferSendsAll) {
  commit_files();
  offer(false);
  const GitServer server(folder.path());
  const auto made = clone(options(server.url("a")), {});
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  EXPECT_EQ(missing_in(made->path()), "0");
  EXPECT_EQ(noted_largest_file(made->path()), std::nullopt);
  EXPECT_EQ(found_in(made->path()), found_in(repository.path()));
}

TEST_F(Partial, WhatStaysAwayDoesNotCountAsReceived) {
  repository.write("video", noise(4'000'000, 4));
  repository.commit("first");
  const GitServer server(folder.path());
  CloneOptions small = options(server.url("a"));
  small.max_bytes = 100'000;
  offer(false);
  EXPECT_FALSE(clone(small, {}).is_ok());
  offer(true);
  EXPECT_TRUE(clone(small, {}).is_ok());
}

TEST_F(Partial, AServerThatOffersOtherFiltersOnlySendsAll) {
  commit_files();
  offer(true);
  repository.git("config uploadpackfilter.allow false");
  const GitServer over_git(folder.path());
  const Backend over_http(folder.path(), "", "");
  for (const std::string& url : {over_git.url("a"), "http://:@" + over_http.place() + "/a/.git"}) {
    const auto made = clone(options(url), {});
    ASSERT_TRUE(made.is_ok()) << made.error().message;
    EXPECT_EQ(missing_in(made->path()), "0") << url;
  }
}

// libgit2 does not open a pack whose end is wrong; what only it reads is then missing, but not because it was left out.
TEST_F(Partial, DamageIsNotTakenForWhatWasLeftOut) {
  offer(true);
  const GitServer server(folder.path());
  CloneOptions with_large = options(server.url("a"));
  with_large.largest_file = 6'000'000;
  ScratchFolder cached;
  const auto cache = RepositoryCache::open(cached.path(), 1 << 30);
  const auto fetched_after = [&](int seed) {
    repository.write("large", noise(5'000'000, seed));
    repository.commit("step");
    return std::move(*(*cache)->fetch(with_large, {}));
  };
  const std::string old_pack = run("ls " + fetched_after(1).path().string() + "/objects/pack/*.pack");
  const CachedRepository fetched = fetched_after(2);
  EXPECT_EQ(noted_largest_file(fetched.path()), 6'000'000U);
  std::uint64_t unreadable = 0;
  AnalyseOptions how;
  how.rules.bounds.max_file_bytes = *with_large.largest_file;
  how.on_unreadable = [&](std::uint64_t objects) { unreadable = objects; };
  EXPECT_TRUE(analyse(fetched.path(), {}, how, {}).is_ok());
  EXPECT_EQ(unreadable, 0U);
  std::filesystem::permissions(old_pack, std::filesystem::perms::owner_all);
  {
    std::fstream bytes(old_pack, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(-1, std::ios::end);
    const int last = bytes.get();
    bytes.seekp(-1, std::ios::end);
    bytes.put(static_cast<char>(last ^ 1));
  }
  EXPECT_TRUE(analyse(fetched.path(), {}, how, {}).is_ok());
  EXPECT_GT(unreadable, 0U);
  std::filesystem::remove(old_pack);
  unreadable = 0;
  EXPECT_FALSE(analyse(fetched.path(), {}, how, {}).is_ok());
  EXPECT_GT(unreadable, 0U);
}

// A name that changed in an index leads nowhere, like one that was left out.
TEST_F(Partial, AChangedIndexIsNotTakenForWhatWasLeftOut) {
  commit_files();
  repository.write("changed", "a\nb\n");
  repository.commit("fourth");
  offer(true);
  const GitServer server(folder.path());
  const auto made = clone(options(server.url("a")), {});
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  const std::string index = run("ls " + made->path().string() + "/objects/pack/*.idx");
  std::filesystem::permissions(index, std::filesystem::perms::owner_all);
  const std::string bytes = run("od -An -v -tx1 " + index + " | tr -d ' \\n'");
  const std::size_t place = bytes.find(run("git -C " + repository.path() + " rev-parse HEAD:changed")) / 2 + 19;
  std::fstream file(index, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(place));
  const int last = file.get();
  file.seekp(static_cast<std::streamoff>(place));
  file.put(static_cast<char>(last ^ 1));
  file.close();
  std::uint64_t unreadable = 0;
  AnalyseOptions how;
  how.rules.bounds.max_file_bytes = kLargest;
  how.on_unreadable = [&](std::uint64_t objects) { unreadable = objects; };
  EXPECT_TRUE(analyse(made->path(), {}, how, {}).is_ok());
  EXPECT_GT(unreadable, 0U);
}

TEST_F(Partial, TheSmallestNoteStays) {
  EXPECT_EQ(noted_largest_file(folder.path()), std::nullopt);
  for (const auto& [written, noted] : {std::pair<std::uint64_t, std::uint64_t>{500, 500}, {900, 500}, {400, 400}}) {
    EXPECT_TRUE(note_largest_file(folder.path(), written));
    EXPECT_EQ(noted_largest_file(folder.path()), noted);
  }
  EXPECT_FALSE(note_largest_file(folder.path() / "missing", 1));
}

// A small file whose former text was left out would come as a difference from it.
TEST_F(Partial, FilesThatShrinkComeWhole) {
  commit_files();
  offer(true);
  const GitServer server(folder.path());
  ScratchFolder cached;
  const auto cache = RepositoryCache::open(cached.path(), 1 << 30);
  ASSERT_TRUE(cache.is_ok());
  const auto found_after_fetch = [&] {
    const auto fetched = (*cache)->fetch(options(server.url("a")), {});
    EXPECT_TRUE(fetched.is_ok()) << fetched.error().message;
    return found_in(fetched->path(), fetched->memory());
  };
  EXPECT_EQ(found_after_fetch(), found_in(repository.path()));
  repository.write("model.bin", noise(1900, 2));
  repository.commit("smaller");
  EXPECT_EQ(found_after_fetch(), found_in(repository.path()));
  repository.write("model.bin", noise(60'000, 2));
  repository.write("small", noise(800, 1));
  repository.commit("larger again");
  offer(false);
  EXPECT_EQ(found_after_fetch(), found_in(repository.path()));
}

}  // namespace
}  // namespace cadence::analysis::source
