// Files that are read and replaced while the kernel cuts writes short, interrupts them and runs out of room.
#include "files/files.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <set>
#include <thread>

#include "files/descriptor.hpp"
#include "folder.hpp"

namespace cadence::files {
namespace {

using base::ErrorKind;

class Files : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() / name; }
  [[nodiscard]] std::set<std::string> names() const {
    std::set<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) out.insert(entry.path().filename());
    return out;
  }
  [[nodiscard]] static mode_t mode_of(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(::stat(path.c_str(), &facts), 0);
    return facts.st_mode & 07777;
  }
  test::Folder folder_;
};

// No file of this process may grow beyond so many bytes: a write is cut short there, and the next one fails.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

std::atomic<int> interruptions{0};

TEST_F(Files, AreReplacedWholeWithTheirMode) {
  for (const bool is_durable : {true, false}) {
    for (const bool is_foreign : {true, false}) {
      const Way way{.mode = 0640, .is_durable = is_durable, .is_foreign_folder = is_foreign};
      ASSERT_TRUE(replace(path("key"), "one", way));
      ASSERT_TRUE(replace(path("key"), "two", way));
      EXPECT_EQ(*read(path("key")), "two");
      EXPECT_EQ(mode_of(path("key")), 0640u);
      EXPECT_EQ(names(), std::set<std::string>{"key"});
    }
  }
}

TEST_F(Files, WhatAProcessLeftBehindThatEndedInBetweenIsNoObstacle) {
  ASSERT_TRUE(replace(path("key.new"), "half of", {.mode = 0666}));
  ASSERT_TRUE(replace(path("key"), "whole"));
  EXPECT_EQ(mode_of(path("key")), 0600u);
  EXPECT_EQ(names(), std::set<std::string>{"key"});
}

TEST_F(Files, OfOthersBesideOneAreLeftAlone) {
  ASSERT_TRUE(replace(path("key.new"), "theirs"));
  ASSERT_TRUE(replace(path("key"), "ours", {.is_foreign_folder = true}));
  EXPECT_EQ(*read(path("key.new")), "theirs");
}

TEST_F(Files, KeepTheOldTextWhereTheNewOneFindsNoRoom) {
  ASSERT_TRUE(replace(path("key"), "old"));
  for (const bool is_foreign : {true, false}) {
    const FileLimit limit(1000);
    const auto failed = replace(path("key"), std::string(1001, 'x'), {.is_foreign_folder = is_foreign});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::Transient);
    EXPECT_EQ(failed.error().message, "Could not write " + path("key") + ": File too large");
  }
  EXPECT_EQ(*read(path("key")), "old");
  EXPECT_EQ(names(), std::set<std::string>{"key"});
  const FileLimit limit(1000);
  EXPECT_TRUE(replace(path("key"), std::string(1000, 'x')));
}

TEST_F(Files, ThatCannotBeMadeSayWhy) {
  EXPECT_EQ(replace(path("none/key"), "x").error().kind, ErrorKind::NotFound);
  std::filesystem::create_directory(path("folder"));
  EXPECT_FALSE(replace(path("folder"), "x"));
  EXPECT_EQ(names(), std::set<std::string>{"folder"});
}

TEST_F(Files, AreReadWholeOrSayWhyNot) {
  const std::string text(100'000, 'x');
  ASSERT_TRUE(replace(path("long"), text));
  EXPECT_EQ(*read(path("long")), text);
  EXPECT_EQ(*read(path("long"), text.size()), text);
  const auto too_long = read(path("long"), text.size() - 1);
  EXPECT_EQ(too_long.error().kind, ErrorKind::Invalid);
  EXPECT_EQ(too_long.error().message, "Could not read " + path("long") + ": it is longer than 99999 bytes");
  EXPECT_EQ(read(path("none")).error().kind, ErrorKind::NotFound);
  EXPECT_EQ(read(path("none")).error().message, "Could not read " + path("none") + ": No such file or directory");
  EXPECT_EQ(read(folder_.path()).error().kind, ErrorKind::Transient) << "a folder has no text, not an empty one";
  EXPECT_EQ(failure("read", "x", EACCES).kind, ErrorKind::Forbidden);
}

TEST_F(Files, SecretsLoseTheLineEndsOfEditorsAndNothingElse) {
  ASSERT_TRUE(replace(path("password"), " a\nb \r\n\n"));
  EXPECT_EQ(*read_secret(path("password")), " a\nb ");
  ASSERT_TRUE(replace(path("password"), "\n"));
  EXPECT_EQ(*read_secret(path("password")), "");
  EXPECT_EQ(read_secret(path("none")).error().kind, ErrorKind::NotFound);
}

// A pipe takes what it has room for, and a signal ends a write in the middle, or before its first byte.
TEST_F(Files, WritesThatAreCutShortAndInterruptedGoOn) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Descriptor from(ends[0]);
  Descriptor into(ends[1]);
  struct sigaction counted {};
  struct sigaction before {};
  counted.sa_handler = [](int) { ++interruptions; };
  ::sigaction(SIGUSR1, &counted, &before);
  std::string text;
  while (text.size() < 1'000'000) text += std::to_string(text.size()) + " ";
  std::atomic<bool> is_written{false};
  std::jthread writer([&] {
    is_written = write_all(into.number(), text);
    into.close();
  });
  std::string found;
  std::array<char, 1024> buffer;
  for (ssize_t count = 1; count > 0;) {
    ::pthread_kill(writer.native_handle(), SIGUSR1);
    count = ::read(from.number(), buffer.data(), buffer.size());
    if (count > 0) found.append(buffer.data(), static_cast<std::size_t>(count));
  }
  writer.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  EXPECT_TRUE(is_written);
  EXPECT_EQ(found, text);
  EXPECT_GT(interruptions, 0);
}

TEST_F(Files, AWriteThatFailsSaysWhy) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(write_all(full.number(), "x"));
  EXPECT_EQ(errno, ENOSPC);
}

TEST_F(Files, AFolderThatIsNotThereCannotLast) {
  EXPECT_TRUE(sync_folder(folder_.path()));
  EXPECT_EQ(sync_folder(path("none")).error().kind, ErrorKind::NotFound);
}

TEST_F(Files, DescriptorsAreClosedOnceAndByTheLastOwner) {
  Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = one.number();
  {
    Descriptor other(std::move(one));
    EXPECT_FALSE(one.is_open());
    EXPECT_EQ(other.number(), number);
    one = std::move(other);
  }
  EXPECT_NE(::fcntl(number, F_GETFD), -1);
  EXPECT_TRUE(one.close());
  EXPECT_TRUE(one.close());
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

}  // namespace
}  // namespace cadence::files
