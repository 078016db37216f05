#include "kube/cache/reflector.hpp"

#include <utility>

namespace cadence::kube::cache {
namespace {

// After so many internal errors in a row the resume point itself is suspected.
constexpr int kMaxInternalErrors = 5;
// A server that ends so many initial streams properly but without their last bookmark does not know what was asked of
// it.
constexpr int kMaxUnfinishedStreams = 2;
// A list from a definite version that fails so often may ask for one that this server never had (restored from a
// backup).
constexpr int kMaxFailedLists = 3;
// One server of several may not know a new definition yet, and what stands before them may lose its way for a moment.
constexpr int kVanishedAfter = 3;

constexpr const char* kAnyVersion = "0";  // whatever the server's cache holds

std::string version_of(const json::Value& object) { return json::string_at(object, {"metadata", "resourceVersion"}); }

// The verb is understood but not this way of using it: an older server, or the feature switched off.
bool is_refusal_of_streaming(const core::StatusError& error) {
  return error.code == 400 || error.code == 405 || error.code == 422 ||
         (error.code == 403 && error.message.find("sendInitialEvents") != std::string::npos);
}

}  // namespace

Fetch Reflector::next_fetch() const {
  switch (state_) {
    case State::Empty:
    case State::InitialWatch:
      // Without a version a streaming list is as new as a quorum read, and as cheap as one from the cache.
      if (has_streaming_lists_)
        return {Fetch::How::InitialWatch, list_version_ == kAnyVersion ? "" : list_version_, ""};
      return {Fetch::How::List, list_version_, ""};
    case State::InitPage:
      return {Fetch::How::List, list_version_, continue_token_};
    case State::Listed:
    case State::Watching:
      return {Fetch::How::Watch, version_, ""};
  }
  return {};
}

void Reflector::restart(std::string list_version) {
  state_ = State::Empty;
  list_version_ = std::move(list_version);
  continue_token_.clear();
  internal_errors_ = failed_lists_ = 0;
}

void Reflector::commit() {
  sink_.commit(version_);
  has_picture_ = true;
}

void Reflector::stand(Standing standing) {
  if (std::exchange(standing_, standing) != standing) sink_.stands(standing);
}

void Reflector::opened() {
  stand(Standing::Served);
  unknown_kinds_ = 0;
  if (state_ == State::Empty) {
    sink_.begin();
    state_ = State::InitialWatch;
  } else if (state_ == State::Listed) {
    state_ = State::Watching;
  }
}

Next Reflector::event(const core::WatchEvent& event) {
  if (event.type == core::EventType::Error) return refused(core::decode_status(event.object));
  // a Table, a Status
  if (event.type != core::EventType::Bookmark && json::string_at(event.object, {"metadata", "name"}).empty())
    return Next::Continue;
  if (state_ == State::InitialWatch) return initial_event(event);
  internal_errors_ = 0;
  switch (event.type) {
    case core::EventType::Added:
    case core::EventType::Modified:
      sink_.put(event.object);
      break;
    case core::EventType::Deleted:
      sink_.drop(event.object);
      break;
    case core::EventType::Bookmark:
    case core::EventType::Error:
      break;
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
    commit();
    state_ = State::Watching;
    unfinished_streams_ = 0;
  } else if (event.type == core::EventType::Added || event.type == core::EventType::Modified) {
    sink_.add(event.object);
  }
  return Next::Continue;
}

Next Reflector::page(const json::Value& list) {
  stand(Standing::Served);
  if (state_ == State::Empty) sink_.begin();
  state_ = State::InitPage;
  failed_lists_ = unknown_kinds_ = 0;
  for (const auto& item : json::at_path(list, {"items"})) sink_.add(item);
  continue_token_ = json::string_at(list, {"metadata", "continue"});
  if (!continue_token_.empty()) return Next::Continue;
  version_ = version_of(list);
  commit();
  state_ = State::Listed;
  return Next::Continue;
}

Next Reflector::refused(const core::StatusError& error) {
  if (error.code == 404) stand(Standing::NotInstalled);
  if (error.code == 403) stand(Standing::Forbidden);
  const bool is_initial = state_ == State::Empty || state_ == State::InitPage || state_ == State::InitialWatch;
  if (is_custom_ && has_picture_ && error.code == 404 && ++unknown_kinds_ >= kVanishedAfter) {
    sink_.vanish();
    has_picture_ = false;
    version_.clear();
    restart(kAnyVersion);
    return Next::BackOff;
  }
  if (error.is_too_large_version) {
    restart("");
    return Next::BackOff;
  }
  if (core::is_expired(error)) {
    // First from where we were, which spreads the load and never goes back in time; when that too has expired, a quorum
    // read.
    restart(is_initial ? "" : version_);
    return is_initial ? Next::BackOff : Next::Reopen;
  }
  if (is_initial) return initial_refused(error);
  if (error.code >= 500 && error.code != 503 && error.code != 504 && ++internal_errors_ >= kMaxInternalErrors)
    restart(version_);
  return Next::BackOff;  // 429 above all: keep everything, go on later from the same version
}

Next Reflector::initial_refused(const core::StatusError& error) {
  if (state_ != State::InitPage && has_streaming_lists_ && is_refusal_of_streaming(error)) {
    has_streaming_lists_ = false;
    restart(list_version_);
    return Next::Reopen;
  }
  const int failed = failed_lists_ + 1;
  const bool is_suspect = failed >= kMaxFailedLists && list_version_ != kAnyVersion;
  restart(is_suspect ? "" : list_version_);
  failed_lists_ = failed;
  return Next::BackOff;
}

Next Reflector::ended(bool was_broken, bool was_fruitless) {
  if (state_ == State::InitialWatch) {
    if (!was_broken && ++unfinished_streams_ >= kMaxUnfinishedStreams) has_streaming_lists_ = false;
    restart(list_version_);
    return Next::BackOff;
  }
  if (state_ == State::Watching) state_ = State::Listed;
  return was_broken || was_fruitless ? Next::BackOff : Next::Reopen;
}

}  // namespace cadence::kube::cache
