// Signed GitHub pushes of 8 KiB over keep-alive connections, each sent as soon as the one before on its connection was
// answered. One thread and one call a push, for it shares the processors with what it measures: the
// signature goes on from the state in which what all bodies begin with leaves it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cadence::bench {

struct StormOptions {
  int port = 0;
  std::string secret;
  std::string host = {};  // beginning of the repositories' URLs; empty: they have none, and their jobs fail at once
  int connections = 64;
};

struct Storm {
  std::uint64_t answered = 0, refused = 0;  // refused: whatever was not 202
  double seconds = 0;
  std::vector<float> milliseconds;  // of each answer
  [[nodiscard]] double rate() const { return static_cast<double>(answered) / seconds; }
  [[nodiscard]] double at(double share);  // a percentile
};

class PushStorm {
 public:
  explicit PushStorm(StormOptions options);
  ~PushStorm();
  PushStorm(const PushStorm&) = delete;
  PushStorm& operator=(const PushStorm&) = delete;
  Storm run(std::chrono::milliseconds duration);

 private:
  struct Body;
  struct Connection;
  void send(Connection& connection);
  bool receive(Connection& connection, Storm& storm);

  StormOptions options_;
  std::unique_ptr<Body> body_;
  std::vector<std::unique_ptr<Connection>> connections_;
  int epoll_ = -1;
  std::uint64_t next_ = 0, run_ = 0;
};

}  // namespace cadence::bench
