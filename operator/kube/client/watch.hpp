// Opens a watch: the request of the reflector, built and sent. Promises: the target is encoded by us, byte for byte;
// the credentials are the present ones. Reads nothing of the stream: events are the reflector's business.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "base/result.hpp"
#include "kube/client/config.hpp"
#include "kube/core/meta.hpp"
#include "net/transport.hpp"

namespace cadence::kube::client {

struct WatchOptions {
  std::string namespace_{};  // empty: all
  std::string label_selector{}, field_selector{};
  std::string resource_version{};     // resume point; may be empty with initial events
  bool has_initial_events = false;    // sendInitialEvents=true and resourceVersionMatch=NotOlderThan (KEP-3157)
  std::chrono::seconds timeout{300};  // the server ends the watch then
};

// "/api/v1/pods?watch=true&allowWatchBookmarks=true&…"
std::string watch_target(const core::KindInfo& kind, const WatchOptions& options);

// Any answer of the server is a stream: status() 200 carries events, others a Status document. A 401 also makes the
// next call use fresh credentials.
base::Result<std::unique_ptr<net::ByteStream>> open_watch(net::StreamOpener& opener, ConfigSource& config,
                                                          const core::KindInfo& kind, const WatchOptions& options,
                                                          std::chrono::milliseconds deadline = std::chrono::seconds(30),
                                                          std::stop_token stop = {},
                                                          const std::string& user_agent = {});

}  // namespace cadence::kube::client
