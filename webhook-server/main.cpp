// cadence-webhook: flags to objects, run until a signal, drain.
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "analysis/source/git/fetch_child.hpp"
#include "analysis/source/git/temporary_folder.hpp"
#include "analyze/run.hpp"
#include "jobs/repository.hpp"
#include "jobs/dispatch.hpp"
#include "api/door.hpp"
#include "api/service.hpp"
#include "jobs/website.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/command_line.hpp"
#include "answering.hpp"
#include "links/key_file.hpp"
#include "recovering.hpp"
#include "senders.hpp"
#include "sharing.hpp"
#include "spooling.hpp"
#include "store/open.hpp"
#include "tracing.hpp"

namespace {

using namespace cadence;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int refuse(const std::string& why) {
  std::cerr << "cadence-webhook: " << why << "\n";
  return 1;
}

sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void set_up_logs(const config::Config& config) {
  const auto level = config.log_level == "debug"   ? base::LogLevel::Debug
                     : config.log_level == "warn"  ? base::LogLevel::Warning
                     : config.log_level == "error" ? base::LogLevel::Error
                                                   : base::LogLevel::Info;
  base::set_up_logging(level, config.log_format == "json" ? base::LogFormat::Json : base::LogFormat::Text);
}

// A large body's memory goes back to the system with the body. Left alone, malloc learns from the first that was freed
// to keep the next ones.
void give_large_memory_back() { ::mallopt(M_MMAP_THRESHOLD, 1 << 20); }

std::filesystem::path temporary_folder() {
  std::error_code error;
  auto folder = std::filesystem::temp_directory_path(error);
  if (!error) return folder;
  base::log_warning("TMPDIR names no folder, /tmp is taken instead", {{"error", error.message()}});
  return "/tmp";
}

jobs::AnalyzerOptions analyzer_options(const config::Config& config) {
  jobs::AnalyzerOptions options;
  options.folder = temporary_folder() / "cadence-webhook";
  options.allowed_hosts = config.allowed_hosts;
  options.allow_private_networks = config.allow_private_networks;
  options.clone_limit = seconds(config.clone_timeout_seconds);
  options.max_bytes = static_cast<std::uint64_t>(config.max_repository_bytes);
  options.max_memory = static_cast<std::uint64_t>(config.max_memory_bytes);
  options.credentials = config.credentials_folder;
  if (config.cache_max_bytes > 0) {
    options.cache_folder = config.cache_folder.empty() ? temporary_folder() / "cadence-webhook-cache"
                                                       : std::filesystem::path(config.cache_folder);
    options.cache_bytes = static_cast<std::uint64_t>(config.cache_max_bytes);
  }
  options.rules = config.analysis;
  return options;
}

std::unique_ptr<queue::Analyzer> make_repository_analyzer(const config::Config& config, cache::SharedCache* shared) {
  auto options = analyzer_options(config);
  options.shared = shared;
  analysis::source::remove_left_overs(options.folder);
  return jobs::make_git_analyzer(std::move(options));
}

jobs::WebsiteAnalyzerOptions website_options(const config::Config& config) {
  return {config.user_agent, config.allowed_hosts, config.allow_private_networks, config.web_analysis()};
}

// Of repositories and of pages, told apart, and their spans.
struct Analyzers {
  Analyzers(const config::Config& config, cache::SharedCache* shared, trace::Spans* spans)
      : repositories(make_repository_analyzer(config, shared)),
        websites(jobs::make_website_analyzer(website_options(config))),
        dispatch(*repositories, *websites),
        all(dispatch, spans) {}
  std::unique_ptr<queue::Analyzer> repositories, websites;
  jobs::Dispatch dispatch;
  TracedAnalyzer all;
};

queue::WorkerOptions worker_options(const config::Config& config) {
  queue::WorkerOptions options;
  options.hands = static_cast<int>(config.workers);
  options.retention = {std::chrono::hours(config.retention_results_hours),
                       std::chrono::hours(config.retention_dedupe_hours)};
  return options;
}

queue::IntakeOptions intake_options(const config::Config& config) {
  queue::IntakeOptions options;
  options.ack_deadline = seconds(config.ack_deadline_seconds);
  return options;
}

// Of those who answer and watch there may be none.
queue::WorkerEvents events_into(api::Measures& measures, trace::Spans* spans, feedback::Sender* answering,
                                recovery::Watcher* watching) {
  queue::WorkerEvents events;
  add_spans(events, spans);
  events.on_finished = [&measures, answering](const queue::Claim& claim, const base::Result<queue::Analysis>& analysis,
                                              milliseconds took) {
    wake_up(answering);  // a job that ended has a verdict by now
    const std::string source(jobs::source_of(claim.spec.event_type));
    if (!analysis) return measures.count_job(source, jobs::failed_phase(analysis.error().message), 0, 0, took);
    measures.count_job(source, "", analysis->detections, analysis->flagged, took);
    for (const auto& one : analysis->strategies) measures.count_strategy(one.name, one.detections);
  };
  events.on_fenced = [&measures] { measures.count_fenced(); };
  events.on_rescued = [&measures](const queue::Rescued& rescued) {
    measures.count_rescued(rescued.requeued, rescued.given_up);
  };
  events.on_store_back = [watching] { hurry(watching); };
  return events;
}

api::RequestOptions request_options(const config::Config& config) {
  return {config.api_queue_capacity, config.allowed_hosts, config.allow_private_networks};
}

net::ServerOptions server_options(const config::Config& config) {
  net::ServerOptions options;
  options.address = config.host;
  options.port = static_cast<std::uint16_t>(config.port);
  options.threads = 2;
  options.body_timeout = options.idle_timeout = seconds(config.read_timeout_seconds);
  options.write_timeout = seconds(config.write_timeout_seconds);
  return options;
}

void read_again(api::Tokens& tokens) {
  if (auto read = tokens.refresh(); !read)
    base::log_warning("Some API tokens were not read", {{"error", read.error().message}});
}

links::LinkOptions link_options(const config::Config& config) {
  return {config.links_key_file, config.links_public_url, std::chrono::days(config.links_valid_days)};
}

// Until a signal comes; secrets, tokens and keys that were changed on disk are picked up meanwhile.
int wait_for_signal(const sigset_t& signals, SenderSecrets& secrets, api::Tokens& tokens, links::Links& links) {
  for (;;) {
    const timespec pause{5, 0};
    if (const int signal = sigtimedwait(&signals, nullptr, &pause); signal > 0) return signal;
    static_cast<void>(secrets.refresh());  // it has said what is wrong, and the secrets of before go on
    read_again(tokens);
    if (auto read = links.refresh(); !read) base::log_warning("Links open nothing", {{"error", read.error().message}});
  }
}

void log_start(const std::string& host, const net::Server& server, const std::string& replica) {
  base::log_info("Webhook server started",
                 {{"version", CADENCE_VERSION}, {"host", host}, {"port", server.port()}, {"replica", replica}});
}

// New jobs are left to other replicas at once; balancers need a moment to see /health before connections may end. A
// second signal shortens it.
void leave_balancers(int signal, std::int64_t drain_seconds, const sigset_t& signals) {
  base::log_info("Draining", {{"signal", signal}});
  const timespec moment{signal == SIGTERM ? drain_seconds : 0, 0};
  sigtimedwait(&signals, nullptr, &moment);
}

void stop_serving(api::Service& service, net::Server& server, api::AnalysisRequests& requests, queue::Intake& intake) {
  service.end_streams();
  server.drain(seconds(10));
  requests.stop();
  intake.stop();
}

std::int64_t waiting_pushes(const queue::WorkerPool& workers) {
  const auto depth = workers.depth();
  return depth.waiting - depth.asked;
}

// A delivery that is held has a connection, and many systems begin with 1,024 descriptors for a process that may ask
// for more.
void raise_file_limit() {
  constexpr rlim_t kEnough = 16384;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

base::Result<std::unique_ptr<queue::Store>> open_job_store(const config::Config& config, const std::string& replica) {
  const auto address =
      config.store_file.empty() ? store::fixed_address(config.store) : store::address_file(config.store_file);
  return store::open_store(
      address, {replica, static_cast<int>(config.workers) + 4, feedback::owes_by(config.feedback_options())});
}

// What anybody may send is held in memory of its own, and reads of the job store have threads of their own: neither
// keeps a push waiting.
struct Bounds {
  explicit Bounds(const config::Config& config) : deliveries(static_cast<std::uint64_t>(config.in_flight_bytes)) {}
  void stop() {
    large_bodies.stop();
    reads.stop();
  }
  ingest::Budget deliveries, requests{16 << 20};
  api::Pool reads{2, 256}, large_bodies{2, 64};
};

int serve(const config::Config& config, const sigset_t& signals) {
  const auto replica = environment("POD_NAME").value_or("cadence-webhook-" + std::to_string(getpid()));
  SenderSecrets secrets(config);
  links::Links links(link_options(config));
  for (const auto& read : {secrets.refresh(), links.refresh()})
    if (!read) return refuse(read.error().message);
  api::Tokens tokens(config.api_token, config.api_tokens_folder);
  read_again(tokens);
  const api::Door door(tokens, config.is_api_closed());

  const auto store = open_job_store(config, replica);
  if (!store) return refuse(store.error().message);
  const auto spool = open_spool(config);
  if (!spool) return refuse(spool.error().message);
  api::Measures measures;
  Bounds bounds(config);
  const auto cache = open_cache(config);
  const auto tracing = begin_tracing(config, replica);
  Analyzers analyzers(config, cache.get(), tracing.get());
  const auto answering = begin_answering(**store, config, links, tracing.get());
  const auto watching = begin_watching(**store, config, secrets.senders());
  queue::WorkerPool workers(**store, analyzers.all, {base::random_uuid(), replica}, worker_options(config),
                            events_into(measures, tracing.get(), answering.get(), watching.get()));
  const auto wake = [&] { workers.wake(); };
  const auto drain = begin_taking(**store, spool->get(), wake);
  queue::Intake intake(**store, intake_options(config), wake, spool->get(), [&] { wake_up(drain.get()); });
  ingest::Receiver receiver(
      secrets.senders(), bounds.deliveries, intake,
      {static_cast<std::uint64_t>(config.max_body_bytes), config.queue_capacity, tracing.get()},
      [&] { return waiting_pushes(workers); }, [&](auto work) { return bounds.large_bodies.submit(std::move(work)); });
  api::AnalysisRequests requests(bounds.requests, intake, request_options(config), [&] { return workers.depth(); });
  std::atomic<net::Server*> running{nullptr};
  const auto metrics = [&] {
    return metrics_of(answering.get()) + metrics_of(watching.get()) + metrics_of(tracing.get());
  };
  api::Service service(
      {**store, workers, intake, receiver, requests, door, links, bounds.deliveries, measures, bounds.reads,
       CADENCE_VERSION, replica, [&] { return running.load() == nullptr ? 0 : running.load()->connections(); },
       spool->get(), drain.get(), metrics, cache.get(), config.api_requests_per_minute, config.api_cors_origins},
      [&] { return watched_hooks(watching.get()); });
  auto server =
      net::start_server(server_options(config), [&](const net::RequestHead& head) { return service.handle(head); });
  if (!server) return refuse(server.error().message);
  running = server->get();
  log_start(config.host, **server, replica);

  const int signal = wait_for_signal(signals, secrets, tokens, links);
  service.begin_drain();
  std::jthread finishing([&] { workers.drain(seconds(35)); });
  if (watching) watching->stop();
  leave_balancers(signal, config.drain_seconds, signals);
  stop_serving(service, **server, requests, intake);
  bounds.stop();
  running = nullptr;
  server->reset();
  if (drain) empty_spool(*drain, **spool, config, signals);
  finishing.join();
  base::log_info("Webhook server stopped");
  return 0;
}

// As shells report a program that a signal ended.
constexpr int kSignalled = 128;

int analyze_until_signal(const config::CommandLine& line, const sigset_t& signals) {
  std::stop_source halt;
  std::atomic<int> signal{0};
  std::jthread listener([&](const std::stop_token& end) {
    while (!end.stop_requested() && signal == 0) {
      const timespec pause{0, 50'000'000};
      if (const int caught = sigtimedwait(&signals, nullptr, &pause); caught > 0) signal = caught;
    }
    if (signal != 0) halt.request_stop();
  });
  const int code = analyze::run(*line.analyze, line.config, halt.get_token());
  listener.request_stop();
  listener.join();
  return signal != 0 && code == analyze::kFailed ? kSignalled + signal : code;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto code = analysis::source::run_fetch_child(argc, argv)) return *code;
  const auto line = config::read_command_line({argv + 1, argv + argc}, environment);
  if (line.exit_code) {
    (*line.exit_code == 0 ? std::cout : std::cerr) << line.text;
    return *line.exit_code;
  }
  const auto signals = block_signals();
  set_up_logs(line.config);
  give_large_memory_back();
  raise_file_limit();
  for (const auto& warning : line.warnings) base::log_warning(warning);
  return line.analyze ? analyze_until_signal(line, signals) : serve(line.config, signals);
}
