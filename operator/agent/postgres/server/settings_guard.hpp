// Holds the server to the settings that are ours: what ALTER SYSTEM, ALTER DATABASE and ALTER ROLE say against them is
// set back. What ALTER SYSTEM left that keeps a server from starting, or everybody from logging in, is laid aside
// whole, beside the data. Promises: looks once a second at what costs nothing while nothing changes; commits of its own
// wait for no standby; roles that users made keep what was set for them, and that is said. Decides nothing:
// postgres/rules/settings.hpp does.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "agent/postgres/ports.hpp"
#include "agent/postgres/server/probe.hpp"
#include "postgres/rules/logins.hpp"

namespace cadence::agent::postgres {

class SettingsGuard final : public GuardPort {
 public:
  SettingsGuard(const Options& options, Probe& probe) : options_(options), probe_(probe) {}

  // ALTER SYSTEM, on a primary and on a standby. True: the server must read its settings again.
  bool tend_system(Time now) override;
  // Whether somebody could log in now, where ALTER SYSTEM has left anything. True: it was laid aside, and must be read
  // again.
  bool tend_logins(Time now) override;
  // What ALTER SYSTEM left, for a server that ended twice before it served; false: there is nothing.
  bool lay_aside(const std::string& why, Time now) override;
  void put_back() override;  // it was not to blame
  // ALTER DATABASE and ALTER ROLE, on a primary.
  void tend_roles(const rules::Logins& logins, Time now) override;
  // A standby's server was promoted by hand, and is brought back.
  void tell_straying(Time now) override;
  // What is said of all this, for a while after it was set back; a part of a sentence.
  [[nodiscard]] std::string findings(Time now) const override;

 private:
  [[nodiscard]] std::string system_file() const { return options_.data_directory + "/postgresql.auto.conf"; }
  [[nodiscard]] std::string aside_file() const { return system_file() + ".refused"; }
  void tell(const std::string& what, Time now);

  const Options& options_;
  Probe& probe_;
  std::string seen_file_;  // postgresql.auto.conf when it was last found to be in order
  std::vector<std::string> restored_;
  std::string refused_, exempt_, told_at_, strayed_at_;
  std::string laid_aside_;
  Time told_{}, strayed_{}, laid_{}, tried_login_{};
  int refused_logins_ = 0;
};

}  // namespace cadence::agent::postgres
