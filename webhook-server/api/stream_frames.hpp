// A job as events for whoever watches it (webhook-api 6): from what the store says of it, again and again, to frames in
// the order that clients know. Pure. Promises: each step is told once and in order, however much happened between two
// looks; exactly one last event.
#pragma once

#include <chrono>
#include <string>

#include "json/value.hpp"
#include "queue/job.hpp"

namespace cadence::api {

enum class FrameStyle {
  Named,  // event: NAME
  Plain,  // no event line; the name stands in the data, for EventSource
};

class StreamFrames {
 public:
  StreamFrames(std::string job_id, bool is_website, FrameStyle style)
      : job_id_(std::move(job_id)), is_website_(is_website), style_(style) {}

  std::string begin();                                                             // it is stored
  std::string look(const queue::Job& job, std::chrono::milliseconds since_begin);  // empty: nothing new
  std::string fail(const std::string& message, const std::string& code);
  [[nodiscard]] bool is_over() const { return is_over_; }

  static std::string heartbeat() { return ":heartbeat\n\n"; }

 private:
  enum class Step { None, Queued, Fetching, Analysing, Judged };
  std::string frame(const char* name, const char* plain_name, json::Value data) const;
  std::string progress(const char* phase, const std::string& message, json::Value more);
  std::string advance(Step to, std::chrono::milliseconds since_begin);
  std::string detections(const json::Value& result) const;
  std::string result(const queue::Job& job) const;

  const std::string job_id_;
  const bool is_website_;
  const FrameStyle style_;
  Step step_ = Step::None;
  std::chrono::milliseconds told_fetching_{};
  bool has_begun_ = false, is_over_ = false;
};

}  // namespace cadence::api
