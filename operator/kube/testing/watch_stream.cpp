#include "kube/testing/watch_stream.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::kube::testing {
namespace {

constexpr std::chrono::milliseconds kLook{1};  // of streams that wait

}  // namespace

WatchStream::WatchStream(std::shared_ptr<Connection::State> state, const net::Request& request)
    : state_(std::move(state)), cuts_(state_->cuts), bookmarks_(state_->bookmarks) {
  const auto route = state_->server.route(request.target);
  if (!route) {
    refuse(refusal(404, "NotFound", "the server could not find the requested resource"));
    return;
  }
  route_ = *route;
  begin(request.target);
}

void WatchStream::refuse(const net::Response& answer) {
  status_ = answer.status;
  bytes_ = answer.body;
  is_over_ = true;
}

void WatchStream::begin(const std::string& target) {
  const std::lock_guard lock(state_->server.mutex_);
  const auto& objects = state_->server.objects_;
  selectors_ = {net::query_value(target, "labelSelector"), net::query_value(target, "fieldSelector")};
  wants_bookmarks_ = net::query_value(target, "allowWatchBookmarks") == "true";
  const auto asked = base::parse_integer(net::query_value(target, "resourceVersion")).value_or(0);
  version_ = asked > 0 ? static_cast<std::uint64_t>(asked) : objects.version();
  const bool has_initial = net::query_value(target, "sendInitialEvents") == "true";
  if (!has_initial && asked > 0) return;
  version_ = objects.version();
  for (const auto& object : objects.list(core::full_name(route_.kind->info), route_.key.namespace_)) {
    if (selectors_.takes(*object)) add_event("ADDED", *object);
  }
  if (has_initial) add_bookmark(true);
}

void WatchStream::add_event(const char* type, const json::Value& object) {
  bytes_ += json::dump({{"type", type}, {"object", object}}) + "\n";
}

void WatchStream::add_bookmark(bool is_first) {
  json::Value object{{"apiVersion", route_.kind->info.api_version()},
                     {"kind", route_.kind->info.kind},
                     {"metadata", {{"resourceVersion", std::to_string(version_)}}}};
  if (is_first) object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  add_event("BOOKMARK", object);
}

bool WatchStream::concerns(const Change& change) const {
  return change.id.plural == core::full_name(route_.kind->info) &&
         (route_.key.namespace_.empty() || change.id.key.namespace_ == route_.key.namespace_);
}

bool WatchStream::fill() {
  const std::lock_guard lock(state_->server.mutex_);
  if (state_->server.kind_of(core::full_name(route_.kind->info)) == nullptr) is_over_ = true;
  if (is_over_) return true;
  const auto& objects = state_->server.objects_;
  const auto first = objects.after(version_);
  if (!first) {
    const auto expired = refusal(410, "Expired", "too old resource version: " + std::to_string(version_));
    add_event("ERROR", *json::parse(expired.body));
    is_over_ = true;
    return true;
  }
  for (auto at = *first; at < objects.history().size(); ++at) {
    const auto& change = objects.history()[at];
    if (!concerns(change)) continue;
    if (state_->options.may_show && !state_->options.may_show({change.version, change.id.plural})) return false;
    version_ = change.version;
    const bool was = change.before && selectors_.takes(*change.before);
    const bool is = change.now && selectors_.takes(*change.now);
    if (is) add_event(was ? "MODIFIED" : "ADDED", *change.now);
    else if (was) {
      auto last = *change.before;
      last["metadata"]["resourceVersion"] = std::to_string(change.version);
      add_event("DELETED", last);
    }
    if (is || was) return true;
  }
  version_ = std::max(version_, objects.version());
  if (wants_bookmarks_ && bookmarks_ != state_->bookmarks) {
    bookmarks_ = state_->bookmarks;
    add_bookmark(false);
    return true;
  }
  return false;
}

base::Result<std::size_t> WatchStream::read_some(std::span<char> into, std::chrono::milliseconds idle,
                                                 std::stop_token stop) {
  auto left = idle;
  while (bytes_.empty()) {
    if (is_over_) return std::size_t{0};
    if (stop.stop_requested()) return base::Error{base::ErrorKind::Canceled, "stopped"};
    if (state_->is_dead || cuts_ != state_->cuts) return base::Error{base::ErrorKind::Transient, "the stream broke"};
    if (fill()) continue;
    if (!state_->options.waits) return base::Error{base::ErrorKind::Canceled, "nothing to show yet"};
    left -= kLook;
    if (left.count() <= 0) return base::Error{base::ErrorKind::Transient, "the stream is silent"};
    base::wait_for(stop, kLook);
  }
  const auto count = std::min(into.size(), bytes_.size());
  std::copy_n(bytes_.begin(), count, into.begin());
  bytes_.erase(0, count);
  return count;
}

}  // namespace cadence::kube::testing
