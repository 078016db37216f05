// Event streams (webhook-api 6): an analysis that is asked for as a job, and told of while it goes on.
// Promises: a stream is told of its job whichever replica runs it; it has exactly one last event unless its client
// leaves; nothing but that, the limit of a job and the end of this process ends it; once its client is gone nothing of
// it is left here. The job stays one like any other, and can be read under its id.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "api/requests.hpp"
#include "api/stream_frames.hpp"
#include "base/clock.hpp"
#include "queue/store.hpp"

namespace cadence::api {

struct StreamOptions {
  std::size_t most = 64;                      // further ones are 503
  std::chrono::milliseconds look_every{250};  // at the jobs of all streams
  std::chrono::milliseconds heartbeat_after{15000};
  std::chrono::milliseconds longest{330000};  // the five minutes of a job, and what it waited
};

class JobStreams {
 public:
  JobStreams(queue::Store& store, AnalysisRequests& requests, StreamOptions options = {});
  ~JobStreams() { stop(); }

  enum class Kind { Repository, Website };
  Reaction post(Kind kind, const net::RequestHead& head, const Caller& caller);
  Reaction get(Kind kind, const net::RequestHead& head, const Caller& caller);  // the body's members in the query
  // Ends every stream with an error event; new ones are refused.
  void stop();
  [[nodiscard]] std::size_t count() const;

 private:
  class Sink;
  struct Watched;
  Reaction ask(Kind kind, FrameStyle style, const net::RequestHead& head, const Caller& caller);
  void begin(const std::string& job_id, Kind kind, FrameStyle style, const net::Responder& respond);
  void look(const std::stop_token& stop);
  bool look_at(Watched& one);  // false: it is over

  queue::Store& store_;
  AnalysisRequests& requests_;
  const StreamOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::vector<std::shared_ptr<Watched>> watched_;
  bool is_stopped_ = false;
  std::jthread watcher_;
};

}  // namespace cadence::api
