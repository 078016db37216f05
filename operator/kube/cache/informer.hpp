// One watch: a thread that keeps a Sink in step with the API server for ever, whatever breaks.
// Promises: never ends but by stop; the first failure waits half a second at most, further ones 0.8 s to 30 s with
// jitter, until two quiet minutes; a silent stream is dropped shortly after the server should have ended it; memory
// does not grow with the stream. One connection, never shared.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "base/backoff.hpp"
#include "kube/cache/reflector.hpp"
#include "kube/client/client.hpp"
#include "kube/client/config.hpp"
#include "kube/core/meta.hpp"
#include "net/transport.hpp"

namespace cadence::kube::cache {

struct Selection {
  std::string namespace_;  // empty: all
  std::string label_selector{}, field_selector{};
  bool is_custom = false;  // the kind has a definition (CRD), which may come late and go
};

struct Connections {
  std::shared_ptr<client::ConfigSource> config;
  net::StreamOpener& streams;
  client::Client& lists;
};

class Informer {
 public:
  Informer(const core::KindInfo& kind, Selection selection, Connections connections, Sink& sink)
      : kind_(kind), selection_(std::move(selection)), connections_(std::move(connections)), sink_(sink) {}
  ~Informer() { stop(); }
  Informer(const Informer&) = delete;
  Informer& operator=(const Informer&) = delete;

  void start();
  void stop();  // returns when the thread has ended
  [[nodiscard]] const core::KindInfo& kind() const { return kind_; }
  // Seconds since the thread last did anything: for liveness.
  [[nodiscard]] std::chrono::seconds idle() const;
  [[nodiscard]] Standing standing() const { return standing_; }
  [[nodiscard]] const Selection& selection() const { return selection_; }
  [[nodiscard]] Sink& sink() const { return sink_; }

 private:
  void run(std::stop_token stop);
  Next fetch_list(Reflector& reflector, const Fetch& fetch, std::stop_token stop);
  Next follow(Reflector& reflector, const Fetch& fetch, std::stop_token stop);
  Next read_stream(Reflector& reflector, net::ByteStream& stream, std::chrono::seconds bound, std::stop_token stop);
  Next read_refusal(Reflector& reflector, net::ByteStream& stream, std::stop_token stop);
  Next feed_lines(Reflector& reflector, core::LineSplitter& lines, bool& has_events);
  Next refuse(Reflector& reflector, const core::StatusError& error);
  void note_progress();

  const core::KindInfo& kind_;
  Selection selection_;
  Connections connections_;
  Sink& sink_;
  std::atomic<std::int64_t> last_progress_{0};
  std::atomic<Standing> standing_{Standing::Unasked};
  std::jthread thread_;
};

}  // namespace cadence::kube::cache
