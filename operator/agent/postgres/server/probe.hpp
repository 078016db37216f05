// Asks the server beside us how it is, over its socket. One connection, opened again when it breaks.
// Promises: bounded by the connection's time-outs; no answer is an error, never a guess. Writes nothing but slots and
// roles.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/postgres/ports.hpp"
#include "postgres/client/connection.hpp"

namespace cadence::agent::postgres {

class Probe final : public ServerPort {
 public:
  explicit Probe(const Options& options) : options_(options) {}

  base::Result<Answer> ask() override;
  // The connection, for what else must be said to the server.
  base::Result<rules::Connection*> connection();
  void forget() override { connection_.reset(); }
  // Is the WAL receiver connected? Cheap: asked many times a second.
  base::Result<Reception> reception() override;
  base::Result<void> resume_replay() override;
  // Process of the WAL receiver; 0: there is none.
  base::Result<pid_t> wal_receiver() override;
  // How much of the log this standby has; an error of one that is no standby any more. `received` is 0 where no
  // receiver ran since the start.
  base::Result<rules::MemberReport> log_end() override;
  // The server has replayed all the log it has, and looks out for more.
  base::Result<bool> is_log_read() override;
  base::Result<std::string> oldest_lsn() override;
  // Writes a little, and sees whether `standby` has it on disk within `at_most`: its stream is alive, not only not yet
  // missed.
  bool is_confirmed_by(const std::string& standby, std::chrono::milliseconds at_most) override;
  // Each other instance has a slot here, so that it can stream the moment we are primary. A standby's slots hold back
  // no WAL; a primary drops those of instances that are gone from the list and unused for a while.
  base::Result<void> tend_slots(const std::vector<std::string>& others, bool is_primary,
                                std::chrono::steady_clock::time_point now) override;
  base::Result<std::string> strange_slots() override;

  base::Result<void> promote(const std::function<bool()>& may) override;
  base::Result<bool> is_promoted() override;
  void end_sessions() override;
  std::optional<rules::Lsn> settled_position() override;
  void checkpoint(std::chrono::milliseconds at_most) override;
  void begin_checkpoint() override;
  [[nodiscard]] bool has_checkpoint() const override { return has_checkpoint_; }
  base::Result<std::string> bring_roles(const Passwords& passwords, std::chrono::milliseconds bound) override;
  base::Result<std::string> mark_of_roles(const rules::Logins& logins) override;

 private:
  base::Result<std::vector<rules::Row>> query(std::string_view sql);
  base::Result<std::string> one(std::string_view sql);  // the first column of the first row; empty where there is none
  const Options& options_;
  std::optional<rules::Connection> connection_;
  std::map<std::string, std::chrono::steady_clock::time_point> idle_since_;
  std::atomic<bool> has_checkpoint_{false};
  std::jthread checkpointer_;
};

}  // namespace cadence::agent::postgres
