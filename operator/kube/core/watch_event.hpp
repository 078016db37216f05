// A watch stream's bytes as events: one JSON document a line. Pure.
// Promises: lines survive any cut between reads; a line longer than the limit is an error, not memory; an event of an
// unknown type is an error of that line only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace cadence::kube::core {

enum class EventType { Added, Modified, Deleted, Bookmark, Error };

struct WatchEvent {
  EventType type = EventType::Error;
  json::Value object;
};

base::Result<WatchEvent> parse_watch_event(std::string_view line);

// The end of an initial stream (KEP-3157).
bool is_initial_events_end(const WatchEvent& event);

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t limit = 16 * 1024 * 1024) : limit_(limit) {}

  base::Result<void> feed(std::string_view bytes);
  // The next whole line without its end, or nothing; valid until the next call.
  std::optional<std::string_view> next();
  // What came after the last whole line (a Status body has no line end).
  [[nodiscard]] std::string_view rest() const { return std::string_view(buffer_).substr(start_); }

 private:
  std::size_t limit_, start_ = 0, searched_ = 0;
  std::string buffer_;
};

}  // namespace cadence::kube::core
