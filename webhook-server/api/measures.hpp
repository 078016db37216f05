// What this replica has done, for dashboards: counters and histograms under the names of the specification, and their
// Prometheus text (exposition format 0.0.4). Any thread. Counters are of this process; a scraper sums replicas.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "cache/shared_cache.hpp"
#include "json/value.hpp"
#include "queue/spool.hpp"

namespace cadence::api {

class Histogram {
 public:
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size()) {}
  void add(double value);
  void write(std::string& out, const std::string& name, const std::string& labels) const;

 private:
  std::vector<double> bounds_;  // seconds, ascending
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

struct SpoolGauges {
  queue::SpoolState state;
  std::uint64_t spooled = 0, refused = 0, taken_in = 0;
};

// Values that others keep, as of now.
struct Gauges {
  std::int64_t active_jobs = 0, queue_depth = 0, waiting_deliveries = 0, body_bytes = 0, connections = 0;
  bool is_store_reachable = false;
  std::optional<SpoolGauges> spool{};         // where there is one
  std::optional<cache::CacheCounts> cache{};  // the same
};

class Measures {
 public:
  Measures();
  void count_request(const std::string& route, const std::string& method, int status, std::chrono::nanoseconds took);
  // An analysis of a source ("git") ended; `phase` ("clone", "analysis") names where it failed, empty when it did not.
  void count_job(const std::string& source, const std::string& phase, int detections, int flagged,
                 std::chrono::milliseconds took);
  // One strategy of an analysis that is done; `detections`: the commits, or the page, it fired for.
  void count_strategy(const std::string& name, std::int64_t detections);
  void count_fenced();
  void count_rescued(int requeued, int given_up);

  [[nodiscard]] std::string text(const Gauges& gauges) const;
  [[nodiscard]] json::Value statistics(const cache::CacheCounts& cached) const;  // GET /api/metrics
  [[nodiscard]] std::uint64_t jobs_processed() const;
  [[nodiscard]] double uptime_seconds() const;

 private:
  struct Source {
    std::uint64_t analyses = 0, errors = 0, detections = 0, flagged = 0;
    [[nodiscard]] double mean_ms() const { return analyses == 0 ? 0 : total_ms / static_cast<double>(analyses); }
    double total_ms = 0;
  };
  struct Strategy {
    std::uint64_t executions = 0, detections = 0;
  };
  [[nodiscard]] double mean_ms() const;  // of the analyses of all sources
  void write_jobs(std::string& out, const Gauges& gauges) const;
  void write_sources(std::string& out) const;
  void write_strategies(std::string& out) const;
  void write_http(std::string& out) const;

  mutable std::mutex mutex_;
  base::Monotonic started_;
  std::map<std::array<std::string, 3>, std::uint64_t> requests_;
  std::map<std::string, Histogram> request_times_;
  std::map<std::string, Source> sources_;
  std::map<std::string, Strategy> strategies_;
  std::map<std::string, std::uint64_t> errors_by_phase_;
  std::uint64_t completed_ = 0, failed_ = 0, detections_ = 0, flagged_ = 0, fenced_ = 0, requeued_ = 0, given_up_ = 0;
  Histogram job_times_;
};

}  // namespace cadence::api
