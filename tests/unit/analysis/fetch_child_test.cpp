// Fetching in a child under limits: what expands without end, who dies, and what goes through the socket.
#include "analysis/source/git/fetch_child.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "analysis/source/git/repository.hpp"
#include "script_servers.hpp"

namespace cadence::analysis::source {
namespace {

struct FetchingInAChild : ::testing::Test {
  ScratchFolder clones;
  CloneOptions from(const std::string& url) {
    CloneOptions options;
    options.url = url;
    options.folder = clones.path();
    options.allow_private_networks = true;
    options.time_limit = std::chrono::seconds(60);
    return options;
  }
  // The child has made its repository.
  [[nodiscard]] bool has_begun() const {
    const std::filesystem::directory_iterator folders(clones.path());
    return std::any_of(begin(folders), end(folders),
                       [](const auto& folder) { return std::filesystem::exists(folder.path() / "HEAD"); });
  }
};

// Bytes, at their highest; of this process, or of the largest child that has ended.
std::uint64_t peak(int whose) {
  rusage usage{};
  ::getrusage(whose, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) << 10U;
}

TEST_F(FetchingInAChild, APackThatExpandsIsRefusedUnderAMemoryLimit) {
  const ScriptServer bomb("bomb_server.py", {"1500"});
  const std::string url = "http://" + bomb.place() + "/b.git";
  const std::uint64_t before = peak(RUSAGE_SELF);
  const std::uint64_t earlier_children = peak(RUSAGE_CHILDREN);
  const auto made = clone(from(url), {});
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::Invalid);  // not tried again
  EXPECT_EQ(made.error().message, "Could not clone " + url +
                                      ": unpacking it takes more than 192 MiB of memory. Raise clone.max_memory_bytes "
                                      "if it is to be trusted, or analyse a smaller repository");
  EXPECT_EQ(clones.count(), 0U);
  EXPECT_LT(peak(RUSAGE_SELF) - before, std::uint64_t{32} << 20);
  EXPECT_LT(peak(RUSAGE_CHILDREN), std::max(std::uint64_t{256} << 20, earlier_children + 1));
}

TEST_F(FetchingInAChild, WhatStaysBelowTheLimitIsRead) {
  const ScriptServer bomb("bomb_server.py", {"100"});
  const auto made = clone(from("http://" + bomb.place() + "/b.git"), {});
  ASSERT_TRUE(made.is_ok()) << made.error().message;
  const auto result = analyse(made->path(), {}, {}, {});
  EXPECT_EQ(result->total_commits, 1);
}

TEST_F(FetchingInAChild, TooLittleMemoryForAnythingIsASentenceToo) {
  const ScriptServer bomb("bomb_server.py", {"20"});
  CloneOptions options = from("http://" + bomb.place() + "/b.git");
  options.max_memory = std::uint64_t{4} << 20;
  const auto made = clone(options, {});
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::Invalid) << made.error().message;
  EXPECT_NE(made.error().message.find("more than 4 MiB of memory"), std::string::npos) << made.error().message;
}

TEST_F(FetchingInAChild, AStopEndsTheChild) {
  const FixedServer silent("", true);
  std::stop_source stop;
  std::thread stopper([&] {
    while (!has_begun()) std::this_thread::yield();
    stop.request_stop();
  });
  const auto made = clone(from(silent.url()), stop.get_token());
  stopper.join();
  ASSERT_FALSE(made.is_ok());
  EXPECT_EQ(made.error().kind, base::ErrorKind::Canceled) << made.error().message;
  EXPECT_EQ(clones.count(), 0U);
}

TEST(FetchWire, CarriesARequest) {
  CloneOptions options;
  options.url = "https://user:p:ss@host/a b\n\xff";
  options.branch = "side";
  options.after = std::string(40, 'a');
  options.credentials = "/etc/credentials";
  options.allow_local = true;
  options.allow_private_networks = true;
  options.allowed_hosts = {"a", "*.b", ""};
  options.max_bytes = 7;
  options.largest_file = 0;
  options.max_objects = 9;
  options.max_memory = 11;
  options.time_limit = std::chrono::seconds(13);
  const std::string wire = to_wire("/tmp/x", options);
  const auto back = request_from_wire(wire);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_wire(back->folder, back->options), wire);
  EXPECT_EQ(back->options.url, options.url);
  EXPECT_EQ(back->options.allowed_hosts, options.allowed_hosts);
  EXPECT_EQ(back->options.largest_file, options.largest_file);
  for (std::size_t size = 0; size < wire.size(); ++size) EXPECT_FALSE(request_from_wire(wire.substr(0, size))) << size;
}

TEST(FetchWire, CarriesAnOutcome) {
  EXPECT_TRUE(outcome_from_wire(to_wire(FetchOutcome{base::ok(), false}))->done.is_ok());
  const FetchOutcome failed{base::Error{base::ErrorKind::Forbidden, "1:no"}, true};
  const auto back = outcome_from_wire(to_wire(failed));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->done.error(), failed.done.error());
  EXPECT_TRUE(back->is_doubtful);
  for (const char* wrong : {"", "1:0", "1:01:01:93:abc", "9:0", "1:x1:1", "1:01:1x"})
    EXPECT_FALSE(outcome_from_wire(wrong)) << wrong;
}

}  // namespace
}  // namespace cadence::analysis::source
