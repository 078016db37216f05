#include "agent/postgres/status/display.hpp"

#include "base/log.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kDiskInterval{10};

}  // namespace

Display::Display(const World& world, Situation& situation, Board& board)
    : world_(world), situation_(situation), board_(board) {}

void Display::show(std::string state, std::string message) {
  auto& report = situation_.report;
  if (message != report.status.message) base::log_info("Changed state", {{"state", state}, {"message", message}});
  report.status.state = std::move(state);
  report.status.message = std::move(message);
  if (situation_.postmaster == 0) {
    report.status.role = report.status.state == "Fenced" || report.status.state == "Stopping" ? "stopped" : "starting";
    report.is_accepting = report.has_streamed = report.status.is_writable = report.status.is_streaming = false;
    report.status.replication.clear();
  }
  refresh();
}

void Display::refresh() {
  auto& report = situation_.report;
  const auto view = world_.lease.view();
  // While the newest data is looked for, ours may be behind: it is not served.
  report.is_primary_known = view && (!view->holder.empty() || view->is_recovering());
  report.is_lease_held = world_.lease.is_holding();
  report.lease_left = world_.fence.time_left();
  report.at = world_.now();
  report.status.config_hash = world_.files.config_hash();
  report.status.config_error = world_.files.config_error();
  const auto& passwords = world_.files.passwords();
  report.status.application_login = passwords.application.empty() ? "" : passwords.logins.user;
  if (world_.is_due(measured_, kDiskInterval)) measure_volumes();
  board_.put(report);
}

void Display::measure_volumes() {
  auto& status = situation_.report.status;
  const auto& options = world_.options;
  status.disk = world_.volume.use_of(options.data_volume());
  status.wal_disk = options.wal_volume.empty() ? rules::DiskUse{} : world_.volume.use_of(options.wal_volume);
}

}  // namespace cadence::agent::postgres
