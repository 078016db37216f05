#include "recovering.hpp"

#include <algorithm>
#include <set>

#include "ingest/keys.hpp"
#include "queue/repository_names.hpp"
#include "recovery/metrics.hpp"

namespace cadence {

namespace {

// A key holds within the scope of the secret that proved the delivery, and which one that was the provider does not
// say.
std::vector<std::string> keys_under(const ingest::Sender& sender, const std::string& repository,
                                    const std::string& delivery) {
  std::set<std::string> keys;
  for (const auto& secret : *sender.secrets.current())
    if (queue::is_allowed_repository(secret.repositories, repository))
      keys.insert(ingest::keys_of({.provider = sender.provider.name,
                                   .scope = ingest::scope_of(secret),
                                   .repository = repository,
                                   .id = delivery},
                                  {})
                      .delivery);
  return {keys.begin(), keys.end()};
}

}  // namespace

std::unique_ptr<recovery::Watcher> begin_watching(queue::Store& store, const config::Config& config,
                                                  std::vector<ingest::Sender> senders) {
  if (config.reconcile.empty() || store.ledger() == nullptr) return nullptr;
  const auto keys_of = [senders = std::move(senders)](const recovery::Provider& provider, const std::string& repository,
                                                      const std::string& delivery) -> std::vector<std::string> {
    for (const auto& sender : senders)
      if (sender.provider.name == provider.name) return keys_under(sender, repository, delivery);
    return {};
  };
  return std::make_unique<recovery::Watcher>(*store.ledger(), config.recovery_options(), keys_of);
}

void hurry(recovery::Watcher* watcher) {
  if (watcher != nullptr) watcher->hurry();
}

std::string metrics_of(const recovery::Watcher* watcher) {
  return watcher == nullptr ? "" : recovery::metrics_text(watcher->state(), base::system_clock().wall());
}

std::vector<pages::WatchedHook> watched_hooks(const recovery::Watcher* watcher) {
  std::vector<pages::WatchedHook> out;
  if (watcher == nullptr) return out;
  for (const auto& [name, provider, notes] : watcher->state().hooks) {
    pages::WatchedHook hook{.name = name,
                            .problem = notes.problem,
                            .looked_at = notes.looked_at,
                            .listed = notes.listed,
                            .missing = notes.counts.missing,
                            .asked = notes.counts.asked,
                            .came_back = notes.counts.came_back,
                            .given_up = notes.counts.given_up,
                            .open = {}};
    for (const auto& [id, gap] : notes.gaps)
      hook.open.push_back({id, gap.repository, gap.status, gap.times, gap.is_given_up, gap.seen_at});
    out.push_back(std::move(hook));
  }
  return out;
}

}  // namespace cadence
