// Sends spans to a collector in the background, in batches. Promises: add() takes a lock and no more; at most `room`
// spans wait, further ones are dropped and counted; a collector that is away, slow or refuses costs nothing but spans,
// and a line in the log each minute; one that says when to come again (Retry-After) is left alone for so long, within
// bounds; stop() sends what is left for a bounded time. Knows no jobs.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/backoff.hpp"
#include "net/transport.hpp"
#include "telemetry/options.hpp"
#include "telemetry/otlp.hpp"

namespace cadence::telemetry {

struct ExporterOptions {
  std::size_t room = 4096, batch = 512;
  std::chrono::milliseconds every{1000};   // a batch that is not full waits so long
  std::chrono::milliseconds limit{10000};  // of one try
  std::chrono::milliseconds farewell{2000};
  int tries = 5;  // of one batch
  std::chrono::seconds tell_every{60};
  base::BackoffOptions retry{std::chrono::milliseconds(1000), 2.0, std::chrono::milliseconds(30000), 0.3};
};

struct ExporterCounts {
  std::uint64_t exported = 0;
  std::uint64_t dropped = 0;   // no room, refused by the collector, or given up
  std::uint64_t failures = 0;  // tries that were not answered or not with success
  std::size_t waiting = 0;
  bool is_up = true;  // the last try
};

class Exporter final : public trace::Spans {
 public:
  // `options`: validate() let them through, and they are on.
  Exporter(Options options, Resource resource, ExporterOptions how = {});
  ~Exporter() override;

  void add(trace::Span span) override;
  [[nodiscard]] double ratio() const override { return options_.sample_ratio; }
  void stop();
  [[nodiscard]] ExporterCounts counts() const;

 private:
  struct Place;  // where the collector is
  struct Try {   // how one ended
    Verdict verdict = Verdict::Later;
    std::string why{};                                // it was not taken
    std::int64_t rejected = 0;                        // of those that were sent
    std::optional<std::chrono::milliseconds> wait{};  // as the collector asks
  };
  void work(const std::stop_token& stop);
  std::vector<trace::Span> next(const std::stop_token& stop);
  void send(const std::vector<trace::Span>& batch, const std::stop_token& stop);
  void send_last(const std::vector<trace::Span>& batch);
  Try try_once(const std::string& body, std::chrono::milliseconds limit, const std::stop_token& stop);
  void count_taken(std::size_t sent, std::int64_t rejected);
  void note_failure(const std::string& why);
  void drop(std::size_t count);

  const Options options_;
  const Resource resource_;
  const ExporterOptions how_;
  std::unique_ptr<const Place> place_;
  std::unique_ptr<net::Transport> transport_;

  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::deque<trace::Span> waiting_;
  ExporterCounts counts_;
  base::Monotonic told_at_{};
  bool has_told_ = false;
  std::optional<base::Monotonic> farewell_;  // the worker's own
  std::jthread worker_;
};

// Prometheus text.
std::string metrics_text(const ExporterCounts& counts);

}  // namespace cadence::telemetry
