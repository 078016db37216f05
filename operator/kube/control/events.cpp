#include "kube/control/events.hpp"

#include <random>

#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLongestNote = 1024;
constexpr auto kSweep = 60s;

// Not in the middle of a UTF-8 character.
std::string cut(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  text.resize(longest);
  return text;
}

std::chrono::milliseconds with_jitter(std::chrono::milliseconds pause) {
  static thread_local std::minstd_rand random(std::random_device{}());
  return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) *
                                                             std::uniform_real_distribution<>(1.0, 1.25)(random)));
}

}  // namespace

EventSender make_event_sender(client::Client& client) {
  return [&client](const EventWrite& write, std::stop_token stop) -> base::Result<void> {
    const auto& event = write.event;
    if (write.kind == EventWrite::Kind::Create) {
      const auto made = client.create(event, stop);
      // Already there: an earlier try whose answer was lost.
      if (!made && made.error().kind != base::ErrorKind::Conflict) return made.error();
      return base::ok();
    }
    const json::Value change{{"series", json::encode(*event.series)}};
    const auto patched =
        client.patch(types::Event::kind_info(), core::key_of(event), change, client::PatchType::Merge, {}, stop);
    if (!patched) return patched.error();
    return base::ok();
  };
}

EventRecorder::EventRecorder(Options options, EventSender sender, Registry& registry, const base::Clock& clock)
    : options_(std::move(options)),
      sender_(std::move(sender)),
      clock_(clock),
      sent_(registry.counter("cadence_operator_events_total", "Events by what became of them", {{"result", "sent"}})),
      dropped_(
          registry.counter("cadence_operator_events_total", "Events by what became of them", {{"result", "dropped"}})),
      failed_(
          registry.counter("cadence_operator_events_total", "Events by what became of them", {{"result", "failed"}})) {}

EventRecorder::~EventRecorder() { stop(); }

void EventRecorder::normal(const types::ObjectReference& regarding, const std::string& action,
                           const std::string& reason, const std::string& note, const Related& related) {
  record(regarding, "Normal", action, reason, note, related);
}

void EventRecorder::warning(const types::ObjectReference& regarding, const std::string& action,
                            const std::string& reason, const std::string& note, const Related& related) {
  record(regarding, "Warning", action, reason, note, related);
}

void EventRecorder::record(const types::ObjectReference& regarding, const char* type, const std::string& action,
                           const std::string& reason, const std::string& note, const Related& related) {
  types::Event event;
  event.action = action;
  event.reason = reason;
  event.note = cut(note, kLongestNote);
  event.type = type;
  event.reporting_controller = options_.controller;
  event.reporting_instance = options_.instance;
  event.regarding = regarding;
  event.related = related;
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= options_.capacity) return dropped_.add();
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

std::optional<types::Event> EventRecorder::next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto has_work = [&] { return !waiting_.empty(); };
  // Sleeps for good while there is no series that might end.
  if (series_.size() > 0) changed_.wait_for(lock, stop, kSweep, has_work);
  else changed_.wait(lock, stop, has_work);
  if (waiting_.empty()) return std::nullopt;
  auto event = std::move(waiting_.front());
  waiting_.pop_front();
  return event;
}

void EventRecorder::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (auto event = next(stop)) {
      if (const auto due = series_.note(std::move(*event), clock_.wall())) send(*due, stop);
    }
    for (const auto& due : series_.sweep(clock_.wall())) send(due, stop);
  }
}

void EventRecorder::send(const EventWrite& write, std::stop_token stop) {
  for (int attempt = 1; !stop.stop_requested(); ++attempt) {
    const auto sent = sender_(write, stop);
    if (sent) return sent_.add();
    if (sent.error().kind != base::ErrorKind::Transient || attempt == options_.tries) {
      failed_.add();
      base::log_debug("Could not write an event", {{"reason", write.event.reason}, {"error", sent.error().message}});
      return series_.forget(write.event);
    }
    base::wait_for(stop, with_jitter(options_.pause));
  }
}

}  // namespace cadence::kube::control
