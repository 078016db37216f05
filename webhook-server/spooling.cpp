#include "spooling.hpp"

#include <chrono>

#include "base/log.hpp"
#include "spool/disk_spool.hpp"

namespace cadence {

base::Result<std::unique_ptr<queue::Spool>> open_spool(const config::Config& config) {
  if (config.on_store_unavailable != "spool_disk") return std::unique_ptr<queue::Spool>();
  auto folder = spool::open_folder(config.spool_folder);
  if (!folder) return folder.error().with_context("webhook.spool.folder cannot be used");
  auto opened = spool::DiskSpool::open(std::move(*folder), config.spool_max_bytes);
  if (!opened) return opened.error().with_context("webhook.spool.folder cannot be used");
  return std::unique_ptr<queue::Spool>(std::move(*opened));
}

std::unique_ptr<queue::SpoolDrain> begin_taking(queue::Store& store, queue::Spool* spool,
                                                std::function<void()> on_queued) {
  if (spool == nullptr) return nullptr;
  return std::make_unique<queue::SpoolDrain>(store, *spool, queue::SpoolDrainOptions{}, std::move(on_queued));
}

void wake_up(queue::SpoolDrain* drain) {
  if (drain != nullptr) drain->wake();
}

void empty_spool(queue::SpoolDrain& drain, const queue::Spool& spool, const config::Config& config,
                 const sigset_t& signals) {
  const auto entries = [&] { return spool.state().entries; };
  if (entries() > 0) base::log_info("Waiting for the job store to take the spool", {{"count", entries()}});
  const auto until = base::system_clock().monotonic() + std::chrono::seconds(config.spool_drain_seconds);
  constexpr timespec kNow{0, 0};
  while (entries() > 0 && base::system_clock().monotonic() < until && sigtimedwait(&signals, nullptr, &kNow) < 0)
    static_cast<void>(drain.finish(std::chrono::milliseconds(200)));
  drain.stop();
  if (entries() > 0)
    base::log_error("Spooled deliveries stay where they are until a server is started there",
                    {{"count", entries()}, {"folder", config.spool_folder}});
}

}  // namespace cadence
