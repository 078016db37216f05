#include "kube/client/watch.hpp"

#include "kube/client/client.hpp"
#include "kube/client/target.hpp"

namespace cadence::kube::client {

std::string watch_target(const core::KindInfo& kind, const WatchOptions& options) {
  Target target(kind.path(options.namespace_, {}));
  target.with("watch", "true")
      .with("allowWatchBookmarks", "true")
      .with("timeoutSeconds", std::to_string(options.timeout.count()));
  target.with("labelSelector", options.label_selector).with("fieldSelector", options.field_selector);
  target.with("resourceVersion", options.resource_version);
  if (options.has_initial_events) target.with("sendInitialEvents", "true").with("resourceVersionMatch", "NotOlderThan");
  return target.text();
}

base::Result<std::unique_ptr<net::ByteStream>> open_watch(net::StreamOpener& opener, ConfigSource& config,
                                                          const core::KindInfo& kind, const WatchOptions& options,
                                                          std::chrono::milliseconds deadline, std::stop_token stop,
                                                          const std::string& agent) {
  const auto attempt = "Could not watch " + kind.plural;
  net::Request request;
  request.target = config.path_prefix() + watch_target(kind, options);
  request.headers = {{"Accept", "application/json"}, {"User-Agent", agent.empty() ? user_agent("cadence") : agent}};
  const auto authorization = config.authorization();
  if (!authorization) return authorization.error().with_context(attempt);
  if (!authorization->empty()) request.headers.push_back({"Authorization", *authorization});
  auto stream = opener.open(request, deadline, std::move(stop));
  if (!stream) return stream.error().with_context(attempt);
  if ((*stream)->status() == 401) config.reject(*authorization);
  return stream;
}

}  // namespace cadence::kube::client
