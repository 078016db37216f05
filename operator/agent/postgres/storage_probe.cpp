#include "agent/postgres/storage_probe.hpp"

#include "agent/postgres/watchdog.hpp"
#include "base/clock.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kInterval{2};
constexpr std::chrono::seconds kTimeout{8};

}  // namespace

StorageProbe::StorageProbe(const Options& options)
    : options_(options), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void StorageProbe::start() {
  written_ms_ = boot_time().count();
  is_on_ = true;
}

void StorageProbe::stop() { is_on_ = false; }

std::chrono::milliseconds StorageProbe::silence() const {
  return is_on_ ? boot_time() - std::chrono::milliseconds(written_ms_) : std::chrono::milliseconds(0);
}

void StorageProbe::run(const std::stop_token& stop) {
  while (base::wait_for(stop, kInterval)) {
    if (!is_on_) {
      connection_.reset();
      continue;
    }
    if (write()) written_ms_ = boot_time().count();
    else connection_.reset();
  }
}

// Commits of this connection wait for the local disk only (see connection.hpp).
bool StorageProbe::write() {
  if (!connection_) {
    auto opened = rules::Connection::open(
        {.socket_directory = options_.run_directory, .port = options_.port, .timeout = kTimeout});
    if (!opened) return false;
    connection_.emplace(std::move(*opened));
  }
  return connection_->query("SELECT pg_logical_emit_message(true, 'cadence-agent', '')").is_ok();
}

}  // namespace cadence::agent::postgres
