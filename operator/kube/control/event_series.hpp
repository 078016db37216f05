// Which occurrences of an event are worth a write: the first is created, the second makes it a series, further ones
// only count; a series is written again every 30 minutes and once more when it has been silent for 6. Pure: time comes
// in as an argument. What happens to several related objects (those of one owner) is an event each, up to ten; further
// ones share one more, whose note says so: as Kubernetes' own recorders do it. Promises: the count on the API server is
// never more than 30 minutes behind; what was silent for 6 minutes is forgotten.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "kube/types/events.hpp"

namespace cadence::kube::control {

// What to send: the whole event first, its series later.
struct EventWrite {
  enum class Kind { Create, UpdateSeries };
  Kind kind = Kind::Create;
  types::Event event;
};

class EventSeries {
 public:
  // `event` without a name; it is given one here.
  std::optional<EventWrite> note(types::Event event, base::Wall now);
  // Series to write again, or for the last time. Call about once a minute.
  std::vector<EventWrite> sweep(base::Wall now);
  // It could not be written, or its time on the API server had run out: the next occurrence is created again.
  void forget(const types::Event& event);
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct Known {
    types::Event event;
    std::int32_t count = 1;
    base::Wall last_seen{}, last_written{};
    bool is_ahead = false;  // counted since it was last written
  };
  [[nodiscard]] std::ptrdiff_t related_to(const std::string& group) const;  // how many have an event of their own
  static EventWrite series_of(Known& known, base::Wall now);

  std::map<std::string, Known> known_;
};

}  // namespace cadence::kube::control
