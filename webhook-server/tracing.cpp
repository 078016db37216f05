#include "tracing.hpp"

#include "trace/origin.hpp"

namespace cadence {
namespace {

base::Wall now() { return base::system_clock().wall(); }

// The trace of a job that is recorded.
std::optional<trace::Context> trace_of(const queue::Claim& claim, const trace::Spans* spans) {
  if (spans == nullptr) return std::nullopt;
  auto context = trace::read_origin(claim.spec.origin).context;
  return context && context->is_sampled ? context : std::nullopt;
}

std::vector<trace::Attribute> attributes_of(const queue::Claim& claim) {
  return {{"cadence.job", claim.job_id}, {"cadence.attempt", claim.attempt}};
}

// Phases in the words of the analyzers' progress; one that is none of these belongs to the one before.
std::string span_of(const std::string& phase) {
  if (phase == "cloning") return "clone";
  if (phase == "fetching-content") return "fetch";
  return phase == "analyzing" ? "analysis" : "";
}

// One phase after the other.
class Phases {
 public:
  Phases(const queue::Claim& claim, trace::Spans* spans)
      : claim_(claim), spans_(spans), trace_(trace_of(claim, spans)) {}

  void note(const std::string& phase) {
    const auto name = span_of(phase);
    if (!trace_ || name.empty()) return;
    end({});
    name_ = name;
    begun_ = now();
  }
  void end(std::string_view error) {
    if (!trace_ || name_.empty()) return;
    spans_->add({trace::child_of(*trace_), trace_->span_id, std::exchange(name_, {}), trace::Kind::Internal, begun_,
                 now(), std::string(error), attributes_of(claim_)});
  }

 private:
  const queue::Claim& claim_;
  trace::Spans* spans_;
  std::optional<trace::Context> trace_;
  std::string name_;
  base::Wall begun_{};
};

}  // namespace

std::unique_ptr<telemetry::Exporter> begin_tracing(const config::Config& config, const std::string& replica) {
  if (!config.tracing.is_on()) return nullptr;
  return std::make_unique<telemetry::Exporter>(
      config.tracing, telemetry::Resource{config.tracing.service_name, CADENCE_VERSION, replica});
}

std::string metrics_of(const telemetry::Exporter* exporter) {
  return exporter == nullptr ? "" : telemetry::metrics_text(exporter->counts());
}

base::Result<queue::Analysis> TracedAnalyzer::analyse(const queue::Claim& claim,
                                                      const std::function<void(const std::string&)>& progress,
                                                      std::stop_token stop) {
  Phases phases(claim, spans_);
  auto analysis = inner_.analyse(
      claim,
      [&](const std::string& phase) {
        phases.note(phase);
        progress(phase);
      },
      std::move(stop));
  // The sentence stands with the job, for those who may read it; it can hold names and text of the repository.
  phases.end(analysis ? "" : base::to_string(analysis.error().kind));
  return analysis;
}

void add_spans(queue::WorkerEvents& events, trace::Spans* spans) {
  if (spans == nullptr) return;
  events.on_published = [spans](const queue::Claim& claim, const queue::JobTimes& times) {
    const auto trace = trace_of(claim, spans);
    if (!trace) return;
    const auto add = [&](const char* name, trace::Kind kind, base::Wall begun, base::Wall ended) {
      spans->add({trace::child_of(*trace), trace->span_id, name, kind, begun, ended, {}, attributes_of(claim)});
    };
    add("wait", trace::Kind::Consumer, claim.waiting_since, times.begun);
    add("complete", trace::Kind::Internal, times.analysed, times.published);
  };
}

}  // namespace cadence
