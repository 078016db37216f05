#include "kube/core/watch_event.hpp"

#include <algorithm>

namespace cadence::kube::core {
namespace {

std::optional<EventType> type_of(const std::string& text) {
  if (text == "ADDED") return EventType::Added;
  if (text == "MODIFIED") return EventType::Modified;
  if (text == "DELETED") return EventType::Deleted;
  if (text == "BOOKMARK") return EventType::Bookmark;
  if (text == "ERROR") return EventType::Error;
  return std::nullopt;
}

}  // namespace

base::Result<WatchEvent> parse_watch_event(std::string_view line) {
  auto document = json::parse(line);
  if (!document) return document.error().with_context("Could not read a watch event");
  // An expired watch may be answered with a bare Status instead of an event that holds it.
  if (json::string_at(*document, {"kind"}) == "Status") return WatchEvent{EventType::Error, std::move(*document)};
  const auto type = type_of(json::string_at(*document, {"type"}));
  if (!type || !document->contains("object")) {
    return base::Error{base::ErrorKind::Invalid, "Could not read a watch event: it has no known type or no object"};
  }
  return WatchEvent{*type, std::move((*document)["object"])};
}

bool is_initial_events_end(const WatchEvent& event) {
  return event.type == EventType::Bookmark &&
         json::string_at(event.object, {"metadata", "annotations", "k8s.io/initial-events-end"}) == "true";
}

base::Result<void> LineSplitter::feed(std::string_view bytes) {
  if (start_ > 0) {
    buffer_.erase(0, start_);
    searched_ -= std::min(searched_, start_);
    start_ = 0;
    // A burst's memory goes back once it has been read.
    if (buffer_.empty() && buffer_.capacity() > 16 * 1024) buffer_.shrink_to_fit();
  }
  buffer_.append(bytes);
  if (buffer_.size() > limit_ && buffer_.find('\n', searched_) == std::string::npos) {
    return base::Error{base::ErrorKind::Transient, "A watch event is longer than " + std::to_string(limit_) + " bytes"};
  }
  return {};
}

std::optional<std::string_view> LineSplitter::next() {
  for (;;) {
    const auto end = buffer_.find('\n', std::max(start_, searched_));
    if (end == std::string::npos) {
      searched_ = buffer_.size();
      return std::nullopt;
    }
    const auto line = std::string_view(buffer_).substr(start_, end - start_);
    start_ = end + 1;
    if (!line.empty()) return line;
  }
}

}  // namespace cadence::kube::core
