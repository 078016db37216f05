#include "api/measures.hpp"

#include <algorithm>
#include <cstdio>

namespace cadence::api {

namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

std::string fixed(double value, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

void head(std::string& out, const std::string& name, const char* type, const char* help) {
  out += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void single(std::string& out, const std::string& name, const char* type, const char* help, const std::string& value) {
  head(out, name, type, help);
  out += name + " " + value + "\n";
}

void write_spool(std::string& out, const SpoolGauges& spool) {
  const auto& state = spool.state;
  const auto age = state.oldest ? base::system_clock().wall() - *state.oldest : std::chrono::microseconds(0);
  const auto put = [&](const char* name, const char* type, const char* help, auto value) {
    single(out, std::string("cadence_webhook_spool") + name, type, help, std::to_string(value));
  };
  put("_entries", "gauge", "Spooled deliveries that the job store has not taken yet.", state.entries);
  put("_bytes", "gauge", "Bytes of the spool on the disk, those set aside included.", state.bytes);
  put("_set_aside", "gauge", "Files of the spool that could not be read, or that the job store refuses.",
      state.set_aside);
  single(out, "cadence_webhook_spool_oldest_seconds", "gauge", "Age of the oldest spooled delivery.",
         fixed(std::max(std::chrono::duration<double>(age).count(), 0.0), 1));
  put("ed_total", "counter", "Deliveries answered 202 once they were spooled.", spool.spooled);
  put("_refused_total", "counter", "Deliveries refused because they could not be spooled.", spool.refused);
  put("_taken_in_total", "counter", "Spooled deliveries that the job store has taken.", spool.taken_in);
}

void write_cache(std::string& out, const cache::CacheCounts& cache) {
  const auto put = [&](const char* name, const char* type, const char* help, auto value) {
    single(out, std::string("cadence_shared_cache_") + name, type, help, std::to_string(value));
  };
  const bool is_up = cache.cluster.has_map && cache.cluster.kept_away_from == 0 && cache.cluster.trouble.empty();
  put("up", "gauge", "1 while every node of the shared cache answers.", is_up ? 1 : 0);
  put("breakers_open", "gauge", "Nodes of the shared cache that are kept away from for a while.",
      cache.cluster.kept_away_from);
  put("errors_total", "counter", "Look-ups that the shared cache did not answer in time.", cache.errors);
  put("stored_total", "counter", "Blocks that the shared cache has taken.", cache.stored);
  put("dropped_total", "counter", "Blocks that the shared cache did not take.", cache.dropped);
  put("redirects_total", "counter", "Times that another node was named.", cache.cluster.redirects);
}

}  // namespace

void Histogram::add(double value) {
  for (std::size_t i = 0; i < bounds_.size(); ++i)
    if (value <= bounds_[i]) ++counts_[i];
  ++count_;
  sum_ += value;
}

void Histogram::write(std::string& out, const std::string& name, const std::string& labels) const {
  const auto comma = labels.empty() ? "" : ",";
  const auto braces = labels.empty() ? "" : "{" + labels + "}";
  for (std::size_t i = 0; i < bounds_.size(); ++i)
    out +=
        name + "_bucket{" + labels + comma + "le=\"" + number(bounds_[i]) + "\"} " + std::to_string(counts_[i]) + "\n";
  out += name + "_bucket{" + labels + comma + "le=\"+Inf\"} " + std::to_string(count_) + "\n";
  out += name + "_sum" + braces + " " + number(sum_) + "\n" + name + "_count" + braces + " " + std::to_string(count_) +
         "\n";
}

Measures::Measures()
    : started_(base::system_clock().monotonic()), job_times_({0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300}) {}

void Measures::count_request(const std::string& route, const std::string& method, int status,
                             std::chrono::nanoseconds took) {
  std::lock_guard lock(mutex_);
  ++requests_[{route, method, std::to_string(status)}];
  auto [it, is_new] = request_times_.try_emplace(
      route, std::vector<double>{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});
  it->second.add(std::chrono::duration<double>(took).count());
}

void Measures::count_job(const std::string& source, const std::string& phase, int detections, int flagged,
                         std::chrono::milliseconds took) {
  std::lock_guard lock(mutex_);
  auto& entry = sources_[source];
  if (phase.empty()) {
    ++completed_;
    ++entry.analyses;
    entry.detections += static_cast<std::uint64_t>(detections);
    entry.total_ms += static_cast<double>(took.count());
    entry.flagged += static_cast<std::uint64_t>(flagged);
    detections_ += static_cast<std::uint64_t>(detections);
    flagged_ += static_cast<std::uint64_t>(flagged);
  } else {
    ++failed_;
    ++entry.errors;
    ++errors_by_phase_[phase];
  }
  job_times_.add(std::chrono::duration<double>(took).count());
}

void Measures::count_strategy(const std::string& name, std::int64_t detections) {
  std::lock_guard lock(mutex_);
  auto& entry = strategies_[name];
  ++entry.executions;
  entry.detections += static_cast<std::uint64_t>(detections);
}

void Measures::count_fenced() {
  std::lock_guard lock(mutex_);
  ++fenced_;
}

void Measures::count_rescued(int requeued, int given_up) {
  std::lock_guard lock(mutex_);
  requeued_ += static_cast<std::uint64_t>(requeued);
  given_up_ += static_cast<std::uint64_t>(given_up);
}

std::uint64_t Measures::jobs_processed() const {
  std::lock_guard lock(mutex_);
  return completed_ + failed_;
}

double Measures::uptime_seconds() const {
  return std::chrono::duration<double>(base::system_clock().monotonic() - started_).count();
}

std::string Measures::text(const Gauges& gauges) const {
  std::lock_guard lock(mutex_);
  std::string out;
  write_jobs(out, gauges);
  write_sources(out);
  write_strategies(out);
  write_http(out);
  single(out, "cadence_deliveries_waiting", "gauge", "Deliveries held until the job store takes them.",
         std::to_string(gauges.waiting_deliveries));
  single(out, "cadence_body_bytes", "gauge", "Bytes of request bodies in memory.", std::to_string(gauges.body_bytes));
  single(out, "cadence_connections", "gauge", "Open client connections.", std::to_string(gauges.connections));
  single(out, "cadence_store_up", "gauge",
         "1 while the job store takes what is to be written; /metrics/store says why not.",
         gauges.is_store_reachable ? "1" : "0");
  if (gauges.spool) write_spool(out, *gauges.spool);
  if (gauges.cache) write_cache(out, *gauges.cache);
  return out;
}

double Measures::mean_ms() const {
  double total_ms = 0;
  for (const auto& [name, source] : sources_) total_ms += source.total_ms;
  return completed_ == 0 ? 0 : total_ms / static_cast<double>(completed_);
}

json::Value Measures::statistics(const cache::CacheCounts& cached) const {
  std::lock_guard lock(mutex_);
  json::Value value = {{"collectedAt", base::format_rfc3339_micro(base::system_clock().wall())},
                       {"uptimeSeconds", uptime_seconds()},
                       {"avgDurationMs", mean_ms()},
                       {"totalAnalyses", completed_},
                       {"totalErrors", failed_},
                       {"totalDetections", detections_},
                       {"totalFlagged", flagged_},
                       {"jobs_total", {{"completed", completed_}, {"failed", failed_}}},
                       {"bySource", json::Value::object()},
                       {"byStrategy", json::Value::object()},
                       {"errorsByPhase", errors_by_phase_}};
  for (const char* hits : {"cacheHits", "cache_hits"}) value[hits] = cached.hits;
  for (const char* misses : {"cacheMisses", "cache_misses"}) value[misses] = cached.misses;
  for (const auto& [name, source] : sources_) {
    // Verdicts of commits are all that is shared.
    const auto own = name == "git" ? cached : cache::CacheCounts{};
    value["bySource"][name] = {{"analyses", source.analyses},
                               {"errors", source.errors},
                               {"detections", source.detections},
                               {"flagged", source.flagged},
                               {"totalDurationMs", source.total_ms},
                               {"avgDurationMs", source.mean_ms()},
                               {"cacheHits", own.hits},
                               {"cacheMisses", own.misses}};
  }
  for (const auto& [name, strategy] : strategies_)
    value["byStrategy"][name] = {{"executions", strategy.executions},
                                 {"detections", strategy.detections},
                                 {"totalDurationMs", 0},
                                 {"avgDurationMs", 0}};
  return value;
}

void Measures::write_jobs(std::string& out, const Gauges& gauges) const {
  single(out, "cadence_analyses_total", "counter", "Analyses completed.", std::to_string(completed_));
  single(out, "cadence_errors_total", "counter", "Analyses that failed.", std::to_string(failed_));
  single(out, "cadence_detections_total", "counter", "Detections recorded.", std::to_string(detections_));
  single(out, "cadence_flagged_total", "counter", "Detections that fired.", std::to_string(flagged_));
  single(out, "cadence_uptime_seconds", "gauge", "Seconds since the start of this process.",
         fixed(uptime_seconds(), 1));
  single(out, "cadence_analysis_avg_duration_ms", "gauge", "Mean duration of completed analyses.", fixed(mean_ms(), 2));
  const auto cached = gauges.cache.value_or(cache::CacheCounts{});
  single(out, "cadence_cache_hits_total", "counter", "Blocks of verdicts found in the shared cache.",
         std::to_string(cached.hits));
  single(out, "cadence_cache_misses_total", "counter", "Blocks of verdicts not found in the shared cache.",
         std::to_string(cached.misses));
  head(out, "cadence_jobs_total", "counter", "Jobs ended by this replica.");
  out += "cadence_jobs_total{status=\"completed\"} " + std::to_string(completed_) + "\n";
  out += "cadence_jobs_total{status=\"failed\"} " + std::to_string(failed_) + "\n";
  single(out, "cadence_jobs_active", "gauge", "Jobs running in this replica.", std::to_string(gauges.active_jobs));
  single(out, "cadence_queue_depth", "gauge", "Jobs waiting in the shared queue, as this replica last saw it.",
         std::to_string(gauges.queue_depth));
  single(out, "cadence_analysis_errors_total", "counter", "Analyses that failed.", std::to_string(failed_));
  single(out, "cadence_jobs_fenced_total", "counter", "Outcomes dropped because the job had gone to another replica.",
         std::to_string(fenced_));
  single(out, "cadence_jobs_requeued_total", "counter", "Jobs freed from replicas that were lost.",
         std::to_string(requeued_));
  single(out, "cadence_jobs_given_up_total", "counter", "Jobs that lost every replica they ran on.",
         std::to_string(given_up_));
  head(out, "cadence_jobs_duration_seconds", "histogram", "Time from claim to end of a job.");
  job_times_.write(out, "cadence_jobs_duration_seconds", "");
}

void Measures::write_sources(std::string& out) const {
  const auto series = [&](const char* name, const char* help, auto value) {
    if (sources_.empty()) return;
    head(out, name, "untyped", help);
    for (const auto& [source, entry] : sources_)
      out += std::string(name) + "{source=\"" + source + "\"} " + value(entry) + "\n";
  };
  series("cadence_source_analyses_total", "Analyses completed, by source.",
         [](const Source& s) { return std::to_string(s.analyses); });
  series("cadence_source_errors_total", "Analyses that failed, by source.",
         [](const Source& s) { return std::to_string(s.errors); });
  series("cadence_source_detections_total", "Detections, by source.",
         [](const Source& s) { return std::to_string(s.detections); });
  series("cadence_source_avg_duration_ms", "Mean duration, by source.",
         [](const Source& s) { return fixed(s.mean_ms(), 2); });
  if (errors_by_phase_.empty()) return;
  head(out, "cadence_errors_by_phase", "untyped", "Analyses that failed, by phase.");
  for (const auto& [phase, count] : errors_by_phase_)
    out += "cadence_errors_by_phase{phase=\"" + phase + "\"} " + std::to_string(count) + "\n";
}

// What a strategy alone takes is not measured: a clock around each of them, for each commit, would take as long as most
// do.
void Measures::write_strategies(std::string& out) const {
  if (strategies_.empty()) return;
  head(out, "cadence_strategy_executions_total", "untyped", "Analyses that a strategy took part in.");
  for (const auto& [name, entry] : strategies_)
    out += "cadence_strategy_executions_total{strategy=\"" + name + "\"} " + std::to_string(entry.executions) + "\n";
  head(out, "cadence_strategy_detections_total", "untyped", "Commits and pages that a strategy fired for.");
  for (const auto& [name, entry] : strategies_)
    out += "cadence_strategy_detections_total{strategy=\"" + name + "\"} " + std::to_string(entry.detections) + "\n";
}

void Measures::write_http(std::string& out) const {
  head(out, "cadence_http_requests_total", "counter", "Requests answered.");
  for (const auto& [key, count] : requests_)
    out += "cadence_http_requests_total{route=\"" + key[0] + "\",method=\"" + key[1] + "\",code=\"" + key[2] + "\"} " +
           std::to_string(count) + "\n";
  head(out, "cadence_http_request_duration_seconds", "histogram", "Time from the end of the header to the answer.");
  for (const auto& [route, times] : request_times_)
    times.write(out, "cadence_http_request_duration_seconds", "route=\"" + route + "\"");
}

}  // namespace cadence::api
