#include "kube/cache/informer.hpp"

#include <array>
#include <random>

#include "base/log.hpp"
#include "kube/client/watch.hpp"

namespace cadence::kube::cache {
namespace {

using namespace std::chrono_literals;

constexpr auto kOpenDeadline = 30s;
constexpr auto kQuiet = 2min;          // without a failure for so long, back-off starts again
constexpr auto kIdleMargin = 5s;       // the server ends a watch itself; after that much more silence it is dead
constexpr auto kLongestUnknown = 10s;  // asking for a kind that is not installed costs nobody anything
constexpr int kPage = 500;
constexpr std::size_t kReadBuffer = 4 * 1024;  // on the stack of every watch

// Spread over five minutes, so that the watches of many operators do not end together.
std::chrono::seconds random_watch_timeout() {
  static thread_local std::minstd_rand random(std::random_device{}());
  return std::chrono::seconds(std::uniform_int_distribution<int>(300, 599)(random));
}

// One cut connection is mended within a second; spread, because an API server that restarts cuts all of them together.
std::chrono::milliseconds random_first_pause() {
  static thread_local std::minstd_rand random(std::random_device{}());
  return std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 500)(random));
}

// The client turns 410 into Conflict, which nothing else gives a list.
core::StatusError status_of(const base::Error& error) {
  core::StatusError out;
  out.message = error.message;
  switch (error.kind) {
    case base::ErrorKind::Conflict:
      out.code = 410;
      break;
    case base::ErrorKind::Forbidden:
      out.code = 403;
      break;
    case base::ErrorKind::NotFound:
      out.code = 404;
      break;
    case base::ErrorKind::Transient:
    case base::ErrorKind::Invalid:
    case base::ErrorKind::Canceled:
    case base::ErrorKind::Bug:
      break;
  }
  return out;
}

}  // namespace

void Informer::start() {
  note_progress();
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Informer::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::chrono::seconds Informer::idle() const {
  return std::chrono::seconds(base::system_clock().monotonic().time_since_epoch() / 1s - last_progress_.load());
}

void Informer::note_progress() { last_progress_ = base::system_clock().monotonic().time_since_epoch() / 1s; }

void Informer::run(std::stop_token stop) {
  Reflector reflector(sink_, selection_.is_custom);
  base::Backoff backoff;
  auto last_failure = base::system_clock().monotonic() - 2 * kQuiet;
  while (!stop.stop_requested()) {
    const auto fetch = reflector.next_fetch();
    const bool was_missing = standing_ == Standing::NotInstalled;
    const auto next =
        fetch.how == Fetch::How::List ? fetch_list(reflector, fetch, stop) : follow(reflector, fetch, stop);
    if (next != Next::BackOff) continue;
    const auto now = base::system_clock().monotonic();
    // A server that takes a new kind up may cut the first watches of it short: that is no failure of ours.
    const bool has_come = was_missing && standing_ == Standing::Served;
    const bool is_first = has_come || now - last_failure > kQuiet;
    if (is_first) backoff.reset();
    last_failure = now;
    const auto pause = is_first ? random_first_pause() : backoff.next();
    base::wait_for(stop, standing_ == Standing::NotInstalled
                             ? std::min<std::chrono::milliseconds>(pause, kLongestUnknown)
                             : pause);
    note_progress();
  }
}

Next Informer::fetch_list(Reflector& reflector, const Fetch& fetch, std::stop_token stop) {
  client::ListOptions options{
      selection_.namespace_, selection_.label_selector, selection_.field_selector, fetch.resource_version, kPage,
      fetch.continue_token};
  // A continue token carries its own version; a definite version together with a limit would mean exactly that version.
  if (!fetch.continue_token.empty()) options.resource_version.clear();
  else if (!fetch.resource_version.empty() && fetch.resource_version != "0") options.limit = 0;
  const auto list = connections_.lists.list(kind_, options, stop);
  note_progress();
  if (list) {
    const auto next = reflector.page(*list);
    standing_ = reflector.standing();
    return next;
  }
  if (stop.stop_requested()) return Next::BackOff;
  return refuse(reflector, status_of(list.error()));
}

Next Informer::follow(Reflector& reflector, const Fetch& fetch, std::stop_token stop) {
  client::WatchOptions options{selection_.namespace_, selection_.label_selector, selection_.field_selector,
                               fetch.resource_version};
  options.has_initial_events = fetch.how == Fetch::How::InitialWatch;
  options.timeout = random_watch_timeout();
  auto stream = client::open_watch(connections_.streams, *connections_.config, kind_, options, kOpenDeadline, stop);
  note_progress();
  if (!stream) {
    if (!stop.stop_requested())
      base::log_warning("Could not open a watch", {{"kind", kind_.kind}, {"error", stream.error().message}});
    return Next::BackOff;
  }
  if ((*stream)->status() != 200) return read_refusal(reflector, **stream, stop);
  reflector.opened();
  standing_ = reflector.standing();
  return read_stream(reflector, **stream, options.timeout, stop);
}

Next Informer::read_stream(Reflector& reflector, net::ByteStream& stream, std::chrono::seconds bound,
                           std::stop_token stop) {
  const auto opened_at = base::system_clock().monotonic();
  core::LineSplitter lines;
  std::array<char, kReadBuffer> buffer;
  bool has_events = false;
  for (;;) {
    const auto count = stream.read_some(buffer, bound + kIdleMargin, stop);
    note_progress();
    if (stop.stop_requested()) return Next::Reopen;
    const bool is_end = !count || *count == 0;
    if (is_end) {
      // A bare Status has no line end.
      if (const auto rest = core::parse_watch_event(lines.rest()); rest && rest->type == core::EventType::Error)
        return reflector.event(*rest);
      const bool was_fruitless = !has_events && base::system_clock().monotonic() - opened_at < 1s;
      if (!count) base::log_debug("Watch broke", {{"kind", kind_.kind}, {"error", count.error().message}});
      return reflector.ended(!count, was_fruitless);
    }
    if (auto fed = lines.feed({buffer.data(), *count}); !fed) return reflector.ended(true, false);
    if (const auto next = feed_lines(reflector, lines, has_events); next != Next::Continue) return next;
  }
}

Next Informer::feed_lines(Reflector& reflector, core::LineSplitter& lines, bool& has_events) {
  while (const auto line = lines.next()) {
    const auto event = core::parse_watch_event(*line);
    if (!event) {
      base::log_warning("Skipped a watch event", {{"kind", kind_.kind}, {"error", event.error().message}});
      continue;
    }
    has_events = true;
    if (const auto next = reflector.event(*event); next != Next::Continue) return next;
  }
  return Next::Continue;
}

Next Informer::read_refusal(Reflector& reflector, net::ByteStream& stream, std::stop_token stop) {
  constexpr std::size_t kLongestStatus = 64 * 1024;
  std::string body;
  std::array<char, 4096> buffer;
  while (body.size() < kLongestStatus) {
    const auto count = stream.read_some(buffer, 5s, stop);
    if (!count || *count == 0) break;
    body.append(buffer.data(), *count);
  }
  const auto document = json::parse(body);
  auto error = document ? core::decode_status(*document) : core::StatusError{};
  if (error.code == 0) error.code = stream.status();
  return refuse(reflector, error);
}

// A kind that is not there is asked for again and again, and said once.
Next Informer::refuse(Reflector& reflector, const core::StatusError& error) {
  const auto before = standing_.load();
  const auto next = reflector.refused(error);
  standing_ = reflector.standing();
  const bool is_known = (error.code == 404 || error.code == 403) && standing_ == before;
  base::log(is_known ? base::LogLevel::Debug : base::LogLevel::Info, "The API server refused to list or watch",
            {{"kind", kind_.kind}, {"code", error.code}, {"message", error.message}});
  return next;
}

}  // namespace cadence::kube::cache
