#include "agent/postgres/connect_probe.hpp"

#include "agent/postgres/watchdog.hpp"
#include "base/clock.hpp"
#include "postgres/client/connection.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kInterval{3};
constexpr std::chrono::seconds kTimeout{8};

}  // namespace

ConnectProbe::ConnectProbe(const Options& options)
    : options_(options), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void ConnectProbe::start() {
  opened_ms_ = boot_time().count();
  const std::lock_guard lock(mutex_);
  problem_.clear();
  is_on_ = true;
}

void ConnectProbe::stop() { is_on_ = false; }

ConnectProbe::Finding ConnectProbe::finding() const {
  Finding out;
  if (!is_on_) return out;
  out.silence = boot_time() - std::chrono::milliseconds(opened_ms_);
  const std::lock_guard lock(mutex_);
  out.problem = problem_;
  out.is_crowded = problem_.find("53300") != std::string::npos;
  return out;
}

void ConnectProbe::run(const std::stop_token& stop) {
  while (base::wait_for(stop, kInterval)) {
    if (!is_on_) continue;
    const auto opened = cadence::postgres::Connection::open(
        {.socket_directory = options_.run_directory, .port = options_.port, .timeout = kTimeout});
    if (opened) opened_ms_ = boot_time().count();
    const std::lock_guard lock(mutex_);
    problem_ = opened ? std::string() : opened.error().message;
  }
}

}  // namespace cadence::agent::postgres
