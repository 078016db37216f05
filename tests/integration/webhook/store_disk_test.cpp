// A disk that is full is said by name, and forgotten when there is room again: a small file system in memory.
#include <pwd.h>
#include <sys/mount.h>
#include <unistd.h>

#include "store_support.hpp"

namespace cadence::queue {
namespace {

namespace fs = std::filesystem;

class SmallDisk {
 public:
  explicit SmallDisk(fs::path path) : path_(std::move(path)) {
    fs::create_directories(path_);
    is_mounted_ = mount("none", path_.c_str(), "tmpfs", 0, "size=16m,mode=777") == 0;
  }
  ~SmallDisk() {
    if (is_mounted_) umount2(path_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool is_mounted() const { return is_mounted_; }
  void grow() const {
    EXPECT_EQ(mount("none", path_.c_str(), "tmpfs", MS_REMOUNT, "size=64m,mode=777"), 0) << "there would be more room";
  }

 private:
  fs::path path_;
  bool is_mounted_ = false;
};

class FullDisk : public testing::TestWithParam<std::string> {};

TEST_P(FullDisk, IsSaidByNameAndForgotten) {
  const bool is_postgres = GetParam() == "postgres";
  const test::Folder folder;
  const SmallDisk disk(folder.path() / "small");
  ASSERT_TRUE(disk.is_mounted()) << "a small disk is made by mounting one: run this as root";
  std::string address = "sqlite:" + (folder.path() / "small" / "cadence.db").string();
  if (is_postgres) {
    address = postgres().create_database();
    const auto* user = getpwnam("postgres");  // whom the tests' server runs as
    ASSERT_TRUE(user != nullptr && chown((folder.path() / "small").c_str(), user->pw_uid, user->pw_gid) == 0);
    const auto server = base::replace_all(address, address.substr(address.rfind('/')), "/postgres");
    postgres().query(server, "create tablespace small location '" + (folder.path() / "small").string() + "'");
    postgres().query(server, "alter database " + address.substr(address.rfind('/') + 1) + " set tablespace small");
  }
  auto store = std::move(*store::open_store(store::fixed_address(address), {"pod", 2}));
  ASSERT_TRUE(store->migrate());
  const auto acceptor = store->open_acceptor();
  base::Result<std::vector<Accepted>> accepted = std::vector<Accepted>();
  const auto fill = [&](int batches) {
    for (int i = 0; i < batches; ++i) {
      std::vector<Delivery> batch;
      for (int j = 0; j < 100; ++j) {
        batch.push_back(delivery(base::random_bytes(16)));
        batch.back().spec.branch = base::to_hex(base::random_bytes(500));
      }
      accepted = acceptor->accept(batch, kStoreLimit);
      if (!accepted) return;
    }
  };
  fill(400);
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().kind, base::ErrorKind::Transient);
  EXPECT_NE(accepted.error().message.find(kDiskIsFull), std::string::npos) << accepted.error().message;
  EXPECT_FALSE(store->check()) << "a lease may find room where no delivery does";
  EXPECT_EQ(store->trouble(), (Trouble{is_postgres ? "53100" : "", std::string(kDiskIsFull)}));
  disk.grow();
  fill(1);
  ASSERT_TRUE(accepted) << accepted.error().message;
  EXPECT_TRUE(store->check());
  EXPECT_EQ(store->trouble(), Trouble{});
  store.reset();
  if (is_postgres) postgres().stop();
}

INSTANTIATE_TEST_SUITE_P(Adapters, FullDisk, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
