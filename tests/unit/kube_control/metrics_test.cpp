#include "kube/control/metrics.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace cadence::kube::control {
namespace {

TEST(Metrics, TheTextIsWhatPrometheusReads) {
  Registry registry;
  registry.counter("b_total", "Counts\nthings").add(3);
  registry.gauge("a", "Says", {{"x", "a\"b\\c\nd"}}).set(1.5);
  registry.gauge("c", "Asked", {}, [] { return std::numeric_limits<double>::infinity(); });
  EXPECT_EQ(registry.text(),
            "# HELP a Says\n# TYPE a gauge\na{x=\"a\\\"b\\\\c\\nd\"} 1.5\n"
            "# HELP b_total Counts\\nthings\n# TYPE b_total counter\nb_total 3\n"
            "# HELP c Asked\n# TYPE c gauge\nc +Inf\n");
}

TEST(Metrics, AHistogramAddsUp) {
  Registry registry;
  auto& histogram = registry.histogram("h", "H", {0.1, 1}, {{"x", "y"}});
  for (const double value : {0.05, 0.1, 0.5, 7.0}) histogram.observe(value);
  EXPECT_EQ(registry.text(),
            "# HELP h H\n# TYPE h histogram\n"
            "h_bucket{x=\"y\",le=\"0.1\"} 2\nh_bucket{x=\"y\",le=\"1\"} 3\nh_bucket{x=\"y\",le=\"+Inf\"} 4\n"
            "h_sum{x=\"y\"} 7.65\nh_count{x=\"y\"} 4\n");
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameMetric) {
  Registry registry;
  EXPECT_EQ(&registry.counter("a", "A", {{"x", "1"}}), &registry.counter("a", "A", {{"x", "1"}}));
  EXPECT_NE(&registry.counter("a", "A", {{"x", "1"}}), &registry.counter("a", "A", {{"x", "2"}}));
}

TEST(Metrics, BoundsGrowByTheirFactor) { EXPECT_EQ(exponential_bounds(1, 10, 3), (std::vector<double>{1, 10, 100})); }

TEST(Metrics, NoCountIsLostBetweenThreads) {
  Registry registry;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5000; ++n) registry.counter("a", "A").add();
      });
    }
  }
  EXPECT_EQ(registry.counter("a", "A").value(), 20000);
}

}  // namespace
}  // namespace cadence::kube::control
