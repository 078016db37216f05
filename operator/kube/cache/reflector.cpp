#include "kube/cache/reflector.hpp"

namespace cadence::kube::cache {
namespace {

// After so many internal errors in a row the resume point itself is suspected.
constexpr int kMaxInternalErrors = 5;

std::string version_of(const json::Value& object) { return json::string_at(object, {"metadata", "resourceVersion"}); }

// The verb is understood but not this way of using it: an older server, or the feature switched off.
bool is_refusal_of_streaming(const core::StatusError& error) {
  return error.code == 400 || error.code == 405 || error.code == 422 || (error.code == 403 && error.message.find("sendInitialEvents") != std::string::npos);
}

}  // namespace

Fetch Reflector::next_fetch() const {
  switch (state_) {
    case State::Empty:
    case State::InitialWatch:
      return has_streaming_lists_ ? Fetch{Fetch::How::InitialWatch, "", ""} : Fetch{Fetch::How::List, list_version_, ""};
    case State::InitPage: return {Fetch::How::List, list_version_, continue_token_};
    case State::Listed:
    case State::Watching: return {Fetch::How::Watch, version_, ""};
  }
  return {};
}

void Reflector::restart(std::string list_version) {
  state_ = State::Empty;
  list_version_ = std::move(list_version);
  continue_token_.clear();
  internal_errors_ = 0;
}

void Reflector::opened() {
  if (state_ == State::Empty) {
    sink_.begin();
    state_ = State::InitialWatch;
  } else if (state_ == State::Listed) {
    state_ = State::Watching;
  }
}

Next Reflector::event(const core::WatchEvent& event) {
  if (event.type == core::EventType::Error) return error_event(core::decode_status(event.object));
  if (state_ == State::InitialWatch) return initial_event(event);
  internal_errors_ = 0;
  switch (event.type) {
    case core::EventType::Added:
    case core::EventType::Modified: sink_.put(event.object); break;
    case core::EventType::Deleted: sink_.drop(event.object); break;
    case core::EventType::Bookmark:
    case core::EventType::Error: break;
  }
  if (auto version = version_of(event.object); !version.empty()) {
    version_ = std::move(version);
    sink_.seen(version_);
  }
  return Next::Continue;
}

Next Reflector::initial_event(const core::WatchEvent& event) {
  if (core::is_initial_events_end(event)) {
    version_ = version_of(event.object);
    sink_.commit(version_);
    state_ = State::Watching;
  } else if (event.type == core::EventType::Added || event.type == core::EventType::Modified) {
    sink_.add(event.object);
  }
  return Next::Continue;
}

Next Reflector::error_event(const core::StatusError& error) {
  if (state_ == State::InitialWatch) {
    restart(list_version_);
    return Next::BackOff;
  }
  return refused(error);
}

Next Reflector::page(const json::Value& list) {
  if (state_ == State::Empty) sink_.begin();
  state_ = State::InitPage;
  for (const auto& item : json::at_path(list, {"items"})) sink_.add(item);
  continue_token_ = json::string_at(list, {"metadata", "continue"});
  if (!continue_token_.empty()) return Next::Continue;
  version_ = version_of(list);
  sink_.commit(version_);
  state_ = State::Listed;
  return Next::Continue;
}

Next Reflector::refused(const core::StatusError& error) {
  if (error.is_too_large_version) {
    restart("");
    return Next::BackOff;
  }
  if (core::is_expired(error)) {
    // First from where we were, which spreads the load; when that too has expired, a quorum read.
    const bool was_listing = state_ == State::Empty || state_ == State::InitPage || state_ == State::InitialWatch;
    restart(was_listing ? "" : version_);
    return was_listing ? Next::BackOff : Next::Reopen;
  }
  if ((state_ == State::Empty || state_ == State::InitialWatch) && has_streaming_lists_ && is_refusal_of_streaming(error)) {
    has_streaming_lists_ = false;
    restart("0");
    return Next::Reopen;
  }
  if (error.code >= 500 && error.code != 503 && error.code != 504 && ++internal_errors_ >= kMaxInternalErrors) restart(version_);
  return Next::BackOff;
}

Next Reflector::ended(bool was_broken, bool was_fruitless) {
  if (state_ == State::InitialWatch || state_ == State::InitPage) {
    restart(list_version_);
    return Next::BackOff;
  }
  if (state_ == State::Watching) state_ = State::Listed;
  return was_broken || was_fruitless ? Next::BackOff : Next::Reopen;
}

}  // namespace cadence::kube::cache
