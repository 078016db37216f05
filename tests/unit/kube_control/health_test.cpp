#include "kube/control/health.hpp"

#include <gtest/gtest.h>

namespace cadence::kube::control {
namespace {

struct HealthTest : ::testing::Test {
  HealthTest() {
    const auto of = [](bool& is_well) {
      return [&is_well]() -> base::Result<void> {
        if (is_well) return base::ok();
        return base::Error{base::ErrorKind::Transient, "the secret reason"};
      };
    };
    health.add(Health::Kind::Live, "loops", of(lives));
    health.add(Health::Kind::Ready, "caches", of(is_ready));
    health.add(Health::Kind::Ready, "other", [] { return base::ok(); });
  }
  int status(const std::string& target) { return health.answer(target)->status; }
  bool lives = true, is_ready = false;
  Health health;
};

TEST_F(HealthTest, EachPathAsksItsOwnChecks) {
  EXPECT_EQ(status("/healthz"), 200);
  EXPECT_EQ(status("/livez"), 200);
  EXPECT_EQ(status("/readyz"), 500);
  EXPECT_EQ(status("/readyz/other"), 200);
  EXPECT_EQ(status("/readyz/caches"), 500);
  EXPECT_EQ(status("/readyz/nothing"), 404);
  EXPECT_FALSE(health.answer("/metrics"));
  EXPECT_FALSE(health.answer("/readyzz"));
  lives = false;
  EXPECT_EQ(status("/livez"), 500);
}

TEST_F(HealthTest, VerboseAndExclude) {
  EXPECT_EQ(health.answer("/livez")->body, "ok");
  EXPECT_EQ(health.answer("/livez?verbose")->body, "[+]loops ok\n");
  EXPECT_EQ(health.answer("/readyz?exclude=caches&verbose")->body, "[+]caches excluded: ok\n[+]other ok\n");
  EXPECT_EQ(status("/readyz?exclude=other&exclude=caches"), 200);
}

TEST_F(HealthTest, TheReasonOfAFailureIsWithheld) {
  EXPECT_EQ(health.answer("/readyz")->body, "[-]caches failed: reason withheld\n[+]other ok\n");
}

TEST(ObserveRequests, CountsByCodeMethodAndHost) {
  Registry registry;
  const auto observe = observe_requests(registry, "api");
  observe("GET", 200, 0.01);
  observe("GET", 200, 0.01);
  observe("PATCH", 0, 1);
  const auto text = registry.text();
  EXPECT_NE(text.find("rest_client_requests_total{code=\"200\",host=\"api\",method=\"GET\"} 2\n"), std::string::npos);
  EXPECT_NE(text.find("rest_client_requests_total{code=\"<error>\",host=\"api\",method=\"PATCH\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("rest_client_request_duration_seconds_count{host=\"api\",verb=\"GET\"} 2\n"), std::string::npos);
}

}  // namespace
}  // namespace cadence::kube::control
