#include "telemetry/exporter.hpp"

#include <algorithm>

#include "analysis/source/guard/page_url.hpp"
#include "base/log.hpp"
#include "files/files.hpp"

namespace cadence::telemetry {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kMostAnswer = 64 << 10;

base::Monotonic now() { return base::system_clock().monotonic(); }

std::string url_of(const Options& options) {
  if (!options.traces_url.empty()) return options.traces_url;
  auto url = options.endpoint;
  while (url.ends_with('/')) url.pop_back();
  return url + "/v1/traces";
}

Result<analysis::source::PageUrl> parse(const Options& options) {
  const auto text = url_of(options);
  const auto refuse = [&](const std::string& why) {
    return Error{ErrorKind::Invalid,
                 std::string(options.traces_url.empty() ? "tracing.endpoint" : "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") +
                     " " + why};
  };
  if (!text.starts_with("http://") && !text.starts_with("https://"))
    return refuse("must begin with http:// or https://");
  if (text.find_first_of("@#") != std::string::npos) return refuse("must have neither a name nor a fragment");
  auto url = analysis::source::parse_page_url(text);
  if (!url) return refuse(url.error().message);
  return url;
}

}  // namespace

struct Exporter::Place {
  analysis::source::PageUrl url;
};

Result<void> validate(const Options& options) {
  if (!(options.sample_ratio >= 0 && options.sample_ratio <= 1))
    return Error{ErrorKind::Invalid, "tracing.sample_ratio must be between 0 and 1"};
  if (options.service_name.empty() || options.service_name.size() > 255)
    return Error{ErrorKind::Invalid, "tracing.service_name must have 1 to 255 characters"};
  if (!options.is_on()) return base::ok();
  if (auto url = parse(options); !url) return url.error();
  if (auto headers = read_headers(options.headers); !headers)
    return headers.error().with_context("Could not use OTEL_EXPORTER_OTLP_HEADERS");
  return base::ok();
}

Exporter::Exporter(Options options, Resource resource, ExporterOptions how)
    : options_(std::move(options)), resource_(std::move(resource)), how_(how) {
  place_ = std::make_unique<const Place>(Place{*parse(options_)});
  transport_ = net::make_beast_transport(
      [this]() -> Result<net::Origin> {
        net::Origin origin{place_->url.host, place_->url.port, std::nullopt};
        if (!place_->url.is_secure) return origin;
        origin.tls.emplace();
        origin.tls->trusts_system = true;
        if (options_.ca_file.empty()) return origin;
        auto roots = files::read(options_.ca_file);
        if (!roots) return roots.error();
        origin.tls->ca_pem = std::move(*roots);
        return origin;
      },
      kMostAnswer);
  worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

Exporter::~Exporter() { stop(); }

void Exporter::add(trace::Span span) {
  bool is_full_batch = false;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= how_.room) {
      ++counts_.dropped;
      return;
    }
    waiting_.push_back(std::move(span));
    is_full_batch = waiting_.size() == how_.batch;
  }
  if (is_full_batch) arrived_.notify_one();
}

void Exporter::stop() {
  worker_.request_stop();
  if (worker_.joinable()) worker_.join();
}

ExporterCounts Exporter::counts() const {
  const std::lock_guard lock(mutex_);
  auto counts = counts_;
  counts.waiting = waiting_.size();
  return counts;
}

std::vector<trace::Span> Exporter::next(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  arrived_.wait_for(lock, stop, how_.every, [this] { return waiting_.size() >= how_.batch; });
  const auto count = static_cast<std::ptrdiff_t>(std::min(waiting_.size(), how_.batch));
  std::vector<trace::Span> batch(std::make_move_iterator(waiting_.begin()),
                                 std::make_move_iterator(waiting_.begin() + count));
  waiting_.erase(waiting_.begin(), waiting_.begin() + count);
  return batch;
}

void Exporter::work(const std::stop_token& stop) {
  auto batch = next(stop);
  for (; !stop.stop_requested(); batch = next(stop))
    if (!batch.empty()) send(batch, stop);
  for (; !batch.empty(); batch = next(stop)) send_last(batch);
}

// At the end, once, and for so long: nobody waits for a collector that is away.
void Exporter::send_last(const std::vector<trace::Span>& batch) {
  if (!farewell_) farewell_ = now() + how_.farewell;
  const auto left = std::chrono::duration_cast<milliseconds>(*farewell_ - now());
  const auto last = left.count() > 0 ? try_once(trace_request(resource_, batch), left, {}) : Try{};
  if (last.verdict == Verdict::Taken) return count_taken(batch.size(), last.rejected);
  drop(batch.size());
}

void Exporter::count_taken(std::size_t sent, std::int64_t rejected) {
  const auto refused = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(rejected, 0)), std::uint64_t{sent});
  const std::lock_guard lock(mutex_);
  counts_.is_up = true;
  counts_.exported += sent - refused;
  counts_.dropped += refused;
}

void Exporter::send(const std::vector<trace::Span>& batch, const std::stop_token& stop) {
  const auto body = trace_request(resource_, batch);
  base::Backoff pause(how_.retry);
  for (int tries = 1;; ++tries) {
    const auto one = try_once(body, how_.limit, stop);
    if (one.verdict == Verdict::Taken) return count_taken(batch.size(), one.rejected);
    if (stop.stop_requested()) return send_last(batch);
    note_failure(one.why);
    if (one.verdict == Verdict::Never || tries >= how_.tries) return drop(batch.size());
    const auto wait = pause.next();
    if (!base::wait_for(stop, std::max(wait, one.wait.value_or(wait)))) return send_last(batch);
  }
}

Exporter::Try Exporter::try_once(const std::string& body, milliseconds limit, const std::stop_token& stop) {
  net::Request request{"POST", place_->url.target, {{"Content-Type", "application/json"}}, body};
  auto headers = read_headers(options_.headers);
  if (headers && !options_.headers_file.empty()) {
    const auto text = files::read(options_.headers_file);
    headers = text ? read_headers(*text) : Result<std::vector<net::Header>>(text.error());
  }
  if (!headers) return {.why = "the headers for it could not be used: " + headers.error().message};
  for (auto& header : *headers) request.headers.push_back(std::move(header));
  const auto response = transport_->send(request, limit, stop);
  if (!response) return {.why = response.error().message};
  return {verdict_of(response->status), "it answered " + std::to_string(response->status), rejected_in(response->body),
          wait_asked_for(*response)};
}

// Whatever is wrong is wrong with each batch: one line a minute says it.
void Exporter::note_failure(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    ++counts_.failures;
    counts_.is_up = false;
    if (has_told_ && now() - told_at_ < how_.tell_every) return;
    has_told_ = true;
    told_at_ = now();
  }
  base::log_warning("Spans were not exported",
                    {{"collector", place_->url.host + ":" + std::to_string(place_->url.port)}, {"error", why}});
}

void Exporter::drop(std::size_t count) {
  const std::lock_guard lock(mutex_);
  counts_.dropped += count;
}

std::string metrics_text(const ExporterCounts& counts) {
  std::string out;
  const auto put = [&](const std::string& name, const char* type, const char* help, auto value) {
    out += "# HELP cadence_trace_" + name + " " + help + "\n# TYPE cadence_trace_" + name + " " + type +
           "\ncadence_trace_" + name + " " + std::to_string(value) + "\n";
  };
  put("spans_exported_total", "counter", "Spans that the collector has taken.", counts.exported);
  put("spans_dropped_total", "counter", "Spans for which there was no room, or that the collector did not take.",
      counts.dropped);
  put("export_failures_total", "counter", "Tries to export spans that failed.", counts.failures);
  put("spans_waiting", "gauge", "Spans that are to be exported.", counts.waiting);
  put("exporter_up", "gauge", "1 while the collector takes what it is sent.", counts.is_up ? 1 : 0);
  return out;
}

}  // namespace cadence::telemetry
