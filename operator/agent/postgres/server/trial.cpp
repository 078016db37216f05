#include "agent/postgres/server/trial.hpp"

#include <memory>

#include "base/clock.hpp"
#include "postgres/client/connection.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kWriteInterval{2}, kConnectInterval{3};
constexpr std::chrono::seconds kTimeout{8};

base::Result<rules::Connection> open(const Options& options) {
  return rules::Connection::open(
      {.socket_directory = options.run_directory, .port = options.port, .timeout = kTimeout});
}

}  // namespace

Attempt write_attempt(const Options& options) {
  const auto connection = std::make_shared<std::optional<rules::Connection>>();
  const auto write = [&options, connection]() -> base::Result<void> {
    if (!*connection) {
      auto opened = open(options);
      if (!opened) return opened.error();
      connection->emplace(std::move(*opened));
    }
    const auto written = (*connection)->query("SELECT pg_logical_emit_message(true, 'cadence-agent', '')");
    if (written) return {};
    connection->reset();
    return written.error();
  };
  return {kWriteInterval, write, [connection] { connection->reset(); }};
}

Attempt connect_attempt(const Options& options) {
  return {kConnectInterval, [&options]() -> base::Result<void> {
            const auto opened = open(options);
            if (!opened) return opened.error();
            return {};
          }};
}

Trial::Trial(Attempt attempt)
    : attempt_(std::move(attempt)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Trial::start() {
  succeeded_ms_ = base::boot_time().count();
  const std::lock_guard lock(mutex_);
  problem_.clear();
  is_on_ = true;
}

void Trial::stop() { is_on_ = false; }

Finding Trial::finding() const {
  Finding out;
  if (!is_on_) return out;
  out.silence = base::boot_time() - std::chrono::milliseconds(succeeded_ms_);
  const std::lock_guard lock(mutex_);
  out.problem = problem_;
  return out;
}

void Trial::run(const std::stop_token& stop) {
  while (base::wait_for(stop, attempt_.interval)) {
    if (!is_on_) {
      attempt_.rest();
      continue;
    }
    const auto outcome = attempt_.make();
    if (outcome) succeeded_ms_ = base::boot_time().count();
    const std::lock_guard lock(mutex_);
    problem_ = outcome ? std::string() : outcome.error().message;
  }
}

}  // namespace cadence::agent::postgres
