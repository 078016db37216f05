#include "kube/client/watch.hpp"

#include <gtest/gtest.h>

namespace cadence::kube::client {
namespace {

const core::KindInfo kPod{"", "v1", "Pod", "pods", true};

TEST(Watch, AResumedWatchNamesItsVersion) {
  EXPECT_EQ(watch_target(kPod, {.namespace_ = "demo", .resource_version = "123", .timeout = std::chrono::seconds(290)}),
            "/api/v1/namespaces/demo/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=290&resourceVersion=123");
}

TEST(Watch, AnInitialWatchAsksForTheEvents) {
  EXPECT_EQ(watch_target({"apps", "v1", "Deployment", "deployments", true}, {.has_initial_events = true}),
            "/apis/apps/v1/"
            "deployments?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&sendInitialEvents=true&"
            "resourceVersionMatch=NotOlderThan");
}

TEST(Watch, SelectorsAreEncoded) {
  EXPECT_EQ(watch_target(kPod, {.label_selector = "a=b,!c,d in (e,f)", .field_selector = "metadata.name=x&y"}),
            "/api/v1/"
            "pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&labelSelector=a%3Db%2C%21c%2Cd%20in%20%28e%"
            "2Cf%29&fieldSelector=metadata.name%3Dx%26y");
}

struct Opener final : net::StreamOpener {
  struct Stream final : net::ByteStream {
    explicit Stream(int s) : code(s) {}
    int status() const override { return code; }
    const std::vector<net::Header>& headers() const override { return none; }
    base::Result<std::size_t> read_some(std::span<char>, std::chrono::milliseconds, std::stop_token) override {
      return std::size_t{0};
    }
    int code;
    std::vector<net::Header> none;
  };
  base::Result<std::unique_ptr<net::ByteStream>> open(const net::Request& request, std::chrono::milliseconds,
                                                      std::stop_token) override {
    seen = request;
    if (code == 0) return base::Error{base::ErrorKind::Transient, "refused"};
    return std::unique_ptr<net::ByteStream>(std::make_unique<Stream>(code));
  }
  int code = 200;
  net::Request seen;
};

TEST(Watch, OpensWithThePresentCredentials) {
  Opener opener;
  const auto config = make_config_source({.host = "api", .path_prefix = "/p", .token = "t", .exec = {}});
  const auto stream = open_watch(opener, *config, kPod, {});
  ASSERT_TRUE(stream);
  EXPECT_EQ((*stream)->status(), 200);
  EXPECT_EQ(opener.seen.target.substr(0, 15), "/p/api/v1/pods?");
  EXPECT_EQ(net::find_header(opener.seen.headers, "Authorization"), "Bearer t");
  opener.code = 410;
  EXPECT_EQ((*open_watch(opener, *config, kPod, {}))->status(), 410);
  opener.code = 0;
  EXPECT_EQ(open_watch(opener, *config, kPod, {}).error().message, "Could not watch pods: refused");
}

}  // namespace
}  // namespace cadence::kube::client
