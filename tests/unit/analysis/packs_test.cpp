// PackReader against libgit2: every object of real packs of every kind, then damaged ones.
#include "analysis/source/git/packs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <sstream>

#include "analysis/source/git/libgit2.hpp"
#include "generated_history.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {
namespace {

namespace fs = std::filesystem;

struct Stored {
  git_object_t type;
  std::string text;
};

std::map<git::Oid, Stored> all_objects(const std::string& folder) {
  std::map<git::Oid, Stored> objects;
  const auto repository = open_repository(folder);
  EXPECT_TRUE(repository);
  git_odb* odb = nullptr;
  EXPECT_EQ(git_repository_odb(&odb, repository->get()), 0);
  const OdbHandle owner(odb);
  git_odb_foreach(
      odb,
      [](const git_oid* id, void* into) {
        static_cast<std::map<git::Oid, Stored>*>(into)->insert({git::Oid::from_bytes(id->id), {}});
        return 0;
      },
      &objects);
  for (auto& [oid, stored] : objects) {
    git_oid id;
    std::memcpy(id.id, oid.bytes.data(), oid.bytes.size());
    git_odb_object* object = nullptr;
    EXPECT_EQ(git_odb_read(&object, odb, &id), 0);
    stored = {git_odb_object_type(object),
              {static_cast<const char*>(git_odb_object_data(object)), git_odb_object_size(object)}};
    git_odb_object_free(object);
  }
  return objects;
}

git_object_t type_of(git::ObjectKind kind) {
  return kind == git::ObjectKind::Commit ? GIT_OBJECT_COMMIT
         : kind == git::ObjectKind::Tree ? GIT_OBJECT_TREE
                                         : GIT_OBJECT_BLOB;
}

// How many objects the reader returned; each must be the one that libgit2 reads.
std::size_t count_read(const std::string& folder, const std::map<git::Oid, Stored>& objects, std::size_t kept_bytes,
                       bool sizes_first) {
  PackReader reader(std::make_shared<const Packs>(fs::path(folder) / "objects"), kept_bytes);
  std::size_t count = 0;
  for (const auto& [oid, stored] : objects) {
    const auto size = sizes_first ? reader.size(oid) : std::nullopt;
    const auto object = reader.read(oid);
    EXPECT_TRUE(!size || *size == stored.text.size()) << oid.hex();
    if (!object) continue;
    ++count;
    EXPECT_EQ(type_of(object->kind), stored.type) << oid.hex();
    EXPECT_TRUE(std::string_view(object->content) == stored.text) << oid.hex();
    EXPECT_TRUE(size || !sizes_first) << oid.hex();
  }
  return count;
}

class PackReading : public ::testing::Test {
 protected:
  void SetUp() override {
    bench::HistoryOptions options;
    options.commits = 250;
    options.most_files = 60;
    ASSERT_TRUE(bench::make_repository(folder(), options));
  }
  [[nodiscard]] std::string folder() const { return (scratch_.path() / "r").string(); }
  std::string git(const std::string& arguments) const {
    return run("HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git -C " + folder() + " " + arguments);
  }
  void expect_all(const std::map<git::Oid, Stored>& objects) const {
    ASSERT_GT(objects.size(), 1000U);
    for (const std::size_t kept : {0U, 20000U, 16U << 20U}) {
      EXPECT_EQ(count_read(folder(), objects, kept, false), objects.size()) << kept;
      EXPECT_EQ(count_read(folder(), objects, kept, true), objects.size()) << kept;
    }
  }
  [[nodiscard]] fs::path only(const std::string& ending) const {
    for (const auto& file : fs::directory_iterator(fs::path(folder()) / "objects/pack")) {
      if (file.path().extension() == ending) return file.path();
    }
    ADD_FAILURE() << "no " << ending;
    return {};
  }

 private:
  ScratchFolder scratch_;
};

TEST_F(PackReading, GivesEveryObjectOfAPack) { expect_all(all_objects(folder())); }

TEST_F(PackReading, FollowsDeltasThatNameTheirBase) {
  git("-c repack.useDeltaBaseOffset=false repack -adfq --depth=200");
  expect_all(all_objects(folder()));
}

TEST_F(PackReading, LooksIntoEveryPackAndLeavesLooseObjects) {
  ASSERT_TRUE(bench::add_commits(folder(), 120, 5));  // more than a hundred objects: fast-import keeps its pack
  const auto packed = all_objects(folder());
  expect_all(packed);
  git("hash-object -w --stdin < /dev/null");
  EXPECT_EQ(count_read(folder(), all_objects(folder()), 0, false), packed.size());
}

TEST_F(PackReading, LeavesWhatItDoesNotKnow) {
  const auto objects = all_objects(folder());
  run("head -c 5000000 /dev/urandom | base64 > " + folder() + "/large");
  git("hash-object -w large");
  git("-c user.name=Ada -c user.email=ada@example.org tag -a -m tagged v1 main");
  git("repack -adq --keep-unreachable");
  ASSERT_EQ(all_objects(folder()).size(), objects.size() + 2);
  EXPECT_EQ(count_read(folder(), all_objects(folder()), 16U << 20U, true), objects.size());
  git("-c pack.indexVersion=1 repack -adfq --keep-unreachable");
  EXPECT_EQ(count_read(folder(), objects, 0, false), 0U);
}

TEST_F(PackReading, ATruncatedPackGivesWhatIsLeft) {
  const auto objects = all_objects(folder());
  const fs::path pack = only(".pack");
  fs::permissions(pack, fs::perms::owner_all);
  for (std::uintmax_t size = fs::file_size(pack); size > 1000; size = size * 2 / 3) {
    fs::resize_file(pack, size);
    count_read(folder(), objects, 1U << 20U, false);
  }
  fs::resize_file(pack, 3);
  EXPECT_EQ(count_read(folder(), objects, 0, false), 0U);
}

// libgit2 1.5 would read beyond its mapping, and crash now and then.
TEST_F(PackReading, AnIndexThatPointsBeyondItsPackIsNamed) {
  const fs::path index = only(".idx");
  fs::permissions(index, fs::perms::owner_all);
  std::fstream bytes(index, std::ios::in | std::ios::out | std::ios::binary);
  const auto objects = all_objects(folder()).size();
  bytes.seekp(static_cast<std::streamoff>(8 + 1024 + objects * 24));
  bytes << '\x7f' << std::flush;
  const auto opened = StoredObjects::open(folder());
  ASSERT_FALSE(opened.is_ok());
  EXPECT_EQ(opened.error().message,
            "Could not read the repository in " + folder() + ": the index " + index.filename().string() +
                " does not fit its pack. Make it again with git index-pack, or clone the repository again");
}

// What a flipped bit of an index or of an entry's head makes is as good as another object; that it ends, within bounds,
// is all.
TEST_F(PackReading, DamageIsNoCrash) {
  const auto objects = all_objects(folder());
  std::mt19937 dice(7);
  for (const char* ending : {".pack", ".idx"}) {
    const fs::path file = only(ending);
    fs::permissions(file, fs::perms::owner_all);
    std::ostringstream whole;
    whole << std::ifstream(file, std::ios::binary).rdbuf();
    std::size_t changed = 0;
    for (int round = 0; round < 60; ++round) {
      std::string bytes = whole.str();
      for (int flips = 0; flips < 40; ++flips) bytes[dice() % bytes.size()] ^= static_cast<char>(1U << dice() % 8);
      std::ofstream(file, std::ios::binary) << bytes;
      PackReader reader(std::make_shared<const Packs>(fs::path(folder()) / "objects"), 1U << 20U);
      for (const auto& [oid, stored] : objects) {
        reader.size(oid);
        const auto object = reader.read(oid);
        changed += !object || std::string_view(object->content) != stored.text ? 1 : 0;
      }
    }
    EXPECT_GT(changed, 60U) << ending;
    std::ofstream(file, std::ios::binary) << whole.str();
    EXPECT_EQ(count_read(folder(), objects, 0, false), objects.size());
  }
}

void damage_indexes(const fs::path& packs) {
  for (const auto& file : fs::directory_iterator(packs)) {
    if (file.path().extension() != ".idx") continue;
    fs::permissions(file.path(), fs::perms::owner_all);
    fs::resize_file(file.path(), 1040);
  }
}

// What a stranger commits may look like a repository's own folder of objects.
TEST(PackReader, AFolderOfTheWorkTreeIsNotTheRepositorys) {
  const ScratchFolder scratch;
  ScratchRepository repository(scratch.path() / "r");
  repository.git("commit -q --allow-empty -m first");
  repository.git("repack -adq");
  fs::create_directories(scratch.path() / "r/objects");
  fs::copy(scratch.path() / "r/.git/objects/pack", scratch.path() / "r/objects/pack");
  damage_indexes(scratch.path() / "r/objects/pack");
  EXPECT_TRUE(StoredObjects::open(repository.path()).is_ok());
  damage_indexes(scratch.path() / "r/.git/objects/pack");
  EXPECT_FALSE(StoredObjects::open(repository.path()).is_ok());
}

// A second work tree has no folder of objects of its own.
TEST(PackReader, OtherWorkTreesHaveTheRepositorysPacks) {
  const ScratchFolder scratch;
  ScratchRepository repository(scratch.path() / "r");
  repository.git("commit -q --allow-empty -m first");
  repository.git("repack -adq");
  repository.git("worktree add -q " + (scratch.path() / "w").string());
  EXPECT_TRUE(StoredObjects::open((scratch.path() / "w").string()).is_ok());
  damage_indexes(scratch.path() / "r/.git/objects/pack");
  EXPECT_FALSE(StoredObjects::open((scratch.path() / "w").string()).is_ok());
}

TEST(PackReader, WithoutPacksGivesNothing) {
  const ScratchFolder scratch;
  PackReader reader(std::make_shared<const Packs>(scratch.path()), 0);
  EXPECT_FALSE(reader.read({}));
  EXPECT_FALSE(reader.size({}));
}

}  // namespace
}  // namespace cadence::analysis::source
