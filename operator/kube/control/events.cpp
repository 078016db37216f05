#include "kube/control/events.hpp"

#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLongestQueue = 1000;
constexpr auto kSeriesEnds = 6min;    // silent for so long: the next one is a new event
constexpr auto kSeriesWrite = 30min;  // a running series is written again
constexpr int kTries = 3;
constexpr std::size_t kLongestNote = 1024;  // the API's limit

std::string key_of(const EventToRecord& event) {
  return event.regarding.uid + "\n" + event.action + "\n" + event.reason + "\n" + event.note;
}

}  // namespace

EventRecorder::EventRecorder(client::Client& client, std::string controller, std::string instance, const base::Clock& clock)
    : client_(client), controller_(std::move(controller)), instance_(std::move(instance)), clock_(clock) {}

void EventRecorder::record(EventToRecord event) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kLongestQueue) return;
  waiting_.push_back(std::move(event));
  changed_.notify_one();
}

void EventRecorder::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void EventRecorder::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void EventRecorder::run(std::stop_token stop) {
  for (;;) {
    EventToRecord event;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
      event = std::move(waiting_.front());
      waiting_.pop_front();
    }
    write(event, stop);
  }
}

void EventRecorder::write(const EventToRecord& event, std::stop_token stop) {
  const auto now = clock_.monotonic();
  std::erase_if(known_, [&](const auto& entry) { return now - entry.second.seen > kSeriesEnds; });
  const auto key = key_of(event);
  const auto known = known_.find(key);
  if (known == known_.end()) return write_new(event, key, stop);
  known->second.seen = now;
  ++known->second.count;
  if (known->second.count == 2 || now - known->second.written > kSeriesWrite) write_series(event, known->second, stop);
}

void EventRecorder::write_new(const EventToRecord& event, const std::string& key, std::stop_token stop) {
  types::Event document;
  document.metadata.name = event.regarding.name + "." + base::to_hex(base::random_bytes(8));
  document.metadata.namespace_ = event.regarding.namespace_.empty() ? "default" : event.regarding.namespace_;
  document.event_time = base::format_rfc3339_micro(clock_.wall());
  document.action = event.action;
  document.reason = event.reason;
  document.note = event.note.substr(0, kLongestNote);
  document.type = event.type == EventType::Normal ? "Normal" : "Warning";
  document.reporting_controller = controller_;
  document.reporting_instance = instance_;
  document.regarding = event.regarding;
  for (int attempt = 1; attempt <= kTries; ++attempt) {
    const auto made = client_.create(document, stop);
    if (made) {
      known_[key] = {document.metadata.name, 1, clock_.monotonic(), clock_.monotonic()};
      return;
    }
    if (made.error().kind != base::ErrorKind::Transient || attempt == kTries || !base::wait_for(stop, 2s)) {
      base::log_debug("Could not write an event", {{"error", made.error().message}});
      return;
    }
  }
}

void EventRecorder::write_series(const EventToRecord& event, Known& known, std::stop_token stop) {
  const json::Value change{{"series", {{"count", known.count}, {"lastObservedTime", base::format_rfc3339_micro(clock_.wall())}}}};
  known.written = clock_.monotonic();
  const auto written = client_.patch(types::Event::kind_info(), {event.regarding.namespace_, known.name}, change, client::PatchType::Merge, {}, stop);
  if (!written) base::log_debug("Could not write an event series", {{"error", written.error().message}});
}

}  // namespace cadence::kube::control
