// What asks providers for deliveries that are missing, where the configuration asks for it.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "ingest/receiver.hpp"
#include "pages/pages.hpp"
#include "queue/store.hpp"
#include "recovery/watcher.hpp"

namespace cadence {

// Null where no hook is watched. `senders` outlive it.
std::unique_ptr<recovery::Watcher> begin_watching(queue::Store& store, const config::Config& config,
                                                  std::vector<ingest::Sender> senders);
void hurry(recovery::Watcher* watcher);
std::string metrics_of(const recovery::Watcher* watcher);
// For people, and for the operator.
std::vector<pages::WatchedHook> watched_hooks(const recovery::Watcher* watcher);

}  // namespace cadence
