#include "api/streams.hpp"

#include <algorithm>
#include <atomic>

#include "base/text.hpp"
#include "ingest/answers.hpp"
#include "json/members.hpp"

namespace cadence::api {

using base::Monotonic;
using std::chrono::milliseconds;

struct JobStreams::Watched {
  std::string job_id;
  StreamFrames frames;
  net::Stream stream;
  Monotonic begun, last_sent;
  std::shared_ptr<std::atomic<bool>> is_gone = std::make_shared<std::atomic<bool>>(false);
};

// Lets the request be asked as any other, and begins a stream where that was answered with a job.
class JobStreams::Sink final : public net::RequestSink {
 public:
  Sink(std::unique_ptr<net::RequestSink> inner, std::function<void(const std::string&, const net::Responder&)> begin)
      : inner_(std::move(inner)), begin_(std::move(begin)) {}
  void on_body(std::string_view piece) override { inner_->on_body(piece); }
  void on_complete(net::Responder respond) override {
    inner_->on_complete(net::Responder([respond, begin = begin_](net::Response response) {
      const auto body = json::parse(response.body);
      const auto id = response.status == 202 && body ? json::text_in(*body, "job_id") : std::string();
      if (id.empty()) respond(std::move(response));
      else begin(id, respond);
    }));
  }

 private:
  std::unique_ptr<net::RequestSink> inner_;
  std::function<void(const std::string&, const net::Responder&)> begin_;
};

JobStreams::JobStreams(queue::Store& store, AnalysisRequests& requests, StreamOptions options)
    : store_(store),
      requests_(requests),
      options_(options),
      watcher_([this](const std::stop_token& stop) { look(stop); }) {}

std::size_t JobStreams::count() const {
  std::lock_guard lock(mutex_);
  return watched_.size();
}

Reaction JobStreams::ask(Kind kind, FrameStyle style, const net::RequestHead& head, const Caller& caller) {
  if (count() >= options_.most)
    return ingest::busy_response("too many streams", "too_many_streams", "others are told of their analyses already");
  auto asked = kind == Kind::Repository ? requests_.repository(head, caller) : requests_.website(head, caller);
  auto* accept = std::get_if<net::Accept>(&asked);
  if (accept == nullptr) return asked;
  accept->sink = std::make_unique<Sink>(
      std::move(accept->sink), [this, kind, style](auto& id, auto& respond) { begin(id, kind, style, respond); });
  return asked;
}

Reaction JobStreams::post(Kind kind, const net::RequestHead& head, const Caller& caller) {
  return ask(kind, FrameStyle::Named, head, caller);
}

Reaction JobStreams::get(Kind kind, const net::RequestHead& head, const Caller& caller) {
  auto as_body = head;
  std::erase_if(as_body.headers,
                [](const net::Header& one) { return base::equals_ignoring_case(one.name, "Content-Type"); });
  as_body.headers.push_back({"Content-Type", "application/json"});
  const auto style = net::query_value(head.target, "events") == "named" ? FrameStyle::Named : FrameStyle::Plain;
  auto reaction = ask(kind, style, as_body, caller);
  auto* accept = std::get_if<net::Accept>(&reaction);
  if (accept == nullptr) return reaction;
  json::Value body = json::Value::object();
  for (const char* name : {"url", "branch"})
    if (auto value = net::query_value(head.target, name); !value.empty()) body[name] = std::move(value);
  accept->sink->on_body(json::dump(body));
  return reaction;
}

void JobStreams::begin(const std::string& job_id, Kind kind, FrameStyle style, const net::Responder& respond) {
  auto one = std::make_shared<Watched>(
      Watched{job_id, StreamFrames(job_id, kind == Kind::Website, style), net::Stream(), {}, {}});
  one->begun = one->last_sent = base::system_clock().monotonic();
  net::Response head{200,
                     {{"Content-Type", "text/event-stream"},
                      {"Cache-Control", "no-cache"},
                      {"X-Accel-Buffering", "no"},
                      {"X-Job-ID", job_id}},
                     ""};
  one->stream = respond.begin(std::move(head), [gone = one->is_gone] { *gone = true; });
  one->stream.send(one->frames.begin());
  std::lock_guard lock(mutex_);
  if (is_stopped_) {
    one->stream.send(one->frames.fail("the server is shutting down", "shutting_down"));
    return one->stream.end();
  }
  watched_.push_back(std::move(one));
  arrived_.notify_all();
}

bool JobStreams::look_at(Watched& one) {
  if (*one.is_gone) return false;
  const auto now = base::system_clock().monotonic();
  const auto since_begin = std::chrono::duration_cast<milliseconds>(now - one.begun);
  std::string frames;
  // A store that is away for a moment is no event: its next answer tells.
  if (const auto job = store_.find(one.job_id); job && *job) frames = one.frames.look(**job, since_begin);
  if (since_begin > options_.longest)
    frames += one.frames.fail("timeout: the job goes on, read it under its id", "timeout");
  if (frames.empty() && now - one.last_sent >= options_.heartbeat_after) frames = StreamFrames::heartbeat();
  if (frames.empty()) return true;
  one.last_sent = now;
  const bool is_taken = one.stream.send(std::move(frames));
  if (one.frames.is_over()) one.stream.end();
  return is_taken && !one.frames.is_over();
}

void JobStreams::look(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<std::shared_ptr<Watched>> all;
    {
      std::unique_lock lock(mutex_);
      if (!arrived_.wait(lock, stop, [&] { return !watched_.empty(); })) return;
      all = watched_;
    }
    for (const auto& one : all) {
      if (stop.stop_requested()) return;
      if (look_at(*one)) continue;
      std::lock_guard lock(mutex_);
      std::erase(watched_, one);
    }
    base::wait_for(stop, options_.look_every);
  }
}

void JobStreams::stop() {
  watcher_.request_stop();
  if (watcher_.joinable()) watcher_.join();
  std::lock_guard lock(mutex_);
  is_stopped_ = true;
  for (const auto& one : watched_) {
    one->stream.send(
        one->frames.fail("the server is shutting down; the job goes on, read it under its id", "shutting_down"));
    one->stream.end();
  }
  watched_.clear();
}

}  // namespace cadence::api
