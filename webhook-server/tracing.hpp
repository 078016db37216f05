// Spans of deliveries and their jobs, where the configuration names a collector.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "queue/workers.hpp"
#include "telemetry/exporter.hpp"

namespace cadence {

// Null where nothing is exported.
std::unique_ptr<telemetry::Exporter> begin_tracing(const config::Config& config, const std::string& replica);
std::string metrics_of(const telemetry::Exporter* exporter);

// The same analyses; what each of their phases took is a span of the delivery's trace.
class TracedAnalyzer final : public queue::Analyzer {
 public:
  // `spans`: null where nothing is exported.
  TracedAnalyzer(queue::Analyzer& inner, trace::Spans* spans) : inner_(inner), spans_(spans) {}
  base::Result<queue::Analysis> analyse(const queue::Claim& claim,
                                        const std::function<void(const std::string&)>& progress,
                                        std::stop_token stop) override;

 private:
  queue::Analyzer& inner_;
  trace::Spans* spans_;
};

// How long a job waited, and how long it took to store its outcome.
void add_spans(queue::WorkerEvents& events, trace::Spans* spans);

}  // namespace cadence
