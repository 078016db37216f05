#include "kube/control/event_series.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::kube::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kSilence = 6min;      // ends a series
constexpr auto kWriteAgain = 30min;  // keeps a long one from running out on the API server

constexpr std::ptrdiff_t kMostRelated = 10;

// The note is left out: it may hold numbers, and a series keeps its first one.
std::string group_of(const types::Event& event) {
  const auto& about = event.regarding;
  return base::join({event.type, event.action, event.reason, event.reporting_controller, event.reporting_instance,
                     about.api_version, about.kind, about.namespace_, about.name, about.uid},
                    "\n");
}

std::string key_of(const types::Event& event) {
  const auto group = group_of(event);
  return event.related ? base::join({group, event.related->kind, event.related->name}, "\n") : group;
}

}  // namespace

EventWrite EventSeries::series_of(Known& known, base::Wall now) {
  known.event.series = types::EventSeries{known.count, base::format_rfc3339_micro(known.last_seen)};
  known.last_written = now;
  known.is_ahead = false;
  return {EventWrite::Kind::UpdateSeries, known.event};
}

std::ptrdiff_t EventSeries::related_to(const std::string& group) const {
  const auto prefix = group + "\n";
  return std::count_if(known_.lower_bound(prefix), known_.end(),
                       [&](const auto& entry) { return entry.first.rfind(prefix, 0) == 0; });
}

std::optional<EventWrite> EventSeries::note(types::Event event, base::Wall now) {
  if (event.related && !known_.contains(key_of(event)) && related_to(group_of(event)) >= kMostRelated) {
    event.note = "(combined from similar events): " + event.note;
    event.related.reset();
  }
  auto& known = known_[key_of(event)];
  const bool is_first = known.event.metadata.name.empty() || now - known.last_seen > kSilence;
  if (is_first) {
    // As kubelet names them: the object, and something that no other event of it has.
    event.metadata.name = event.regarding.name + "." + base::to_hex(base::random_bytes(8));
    event.metadata.namespace_ = event.regarding.namespace_.empty() ? "default" : event.regarding.namespace_;
    event.event_time = base::format_rfc3339_micro(now);
    known = {std::move(event), 1, now, now, false};
    return EventWrite{EventWrite::Kind::Create, known.event};
  }
  ++known.count;
  known.last_seen = now;
  known.is_ahead = true;
  if (known.count == 2 || now - known.last_written > kWriteAgain) return series_of(known, now);
  return std::nullopt;
}

std::vector<EventWrite> EventSeries::sweep(base::Wall now) {
  std::vector<EventWrite> out;
  for (auto at = known_.begin(); at != known_.end();) {
    auto& known = at->second;
    const bool has_ended = now - known.last_seen > kSilence;
    if (known.is_ahead && (has_ended || now - known.last_written > kWriteAgain)) out.push_back(series_of(known, now));
    at = has_ended ? known_.erase(at) : std::next(at);
  }
  return out;
}

void EventSeries::forget(const types::Event& event) { known_.erase(key_of(event)); }

}  // namespace cadence::kube::control
