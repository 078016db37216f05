// What the operator mounts for us, turned into the files that PostgreSQL reads: settings, access rules, keys, the
// password file. Promises: reads everything again on refresh() and says what changed; settings with which the server
// would not start never reach it; keys are readable for us alone; a broken input leaves the last good files in place.
// Passwords stay in memory and in one file in the run folder.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/postgres/peers/addresses.hpp"
#include "agent/postgres/ports.hpp"
#include "postgres/rules/logins.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::agent::postgres {

class ServerFiles final : public FilePort {
 public:
  // `check`: what PostgreSQL says against a settings file; empty when it would start with it.
  ServerFiles(const Options& options, const Addresses& addresses,
              std::function<std::string(const std::string& path)> check)
      : options_(options), addresses_(addresses), check_(std::move(check)) {}

  base::Result<void> prepare() override;
  // Reads the mounts and writes what follows from them, and what somebody changed in the run folder. True when the
  // server must reload.
  base::Result<bool> refresh() override;

  // What was written may have been changed since: refresh() writes all of it again.
  void write_again() override { written_.clear(); }

  // Each takes effect with the next refresh(). Replication target; an empty name: nobody.
  void follow(const std::string& primary) override { primary_ = primary; }
  void apply_synchronous(const rules::SynchronousSet& set) override { applied_ = set; }
  void act_as_primary(bool is_primary) override { is_primary_ = is_primary; }
  // A standby with less of these than its primary would not run: the primary's values, from the control file.
  void keep_at_least(const std::map<std::string, std::int64_t>& floors) override { floors_ = floors; }

  [[nodiscard]] const Passwords& passwords() const override { return passwords_; }
  [[nodiscard]] const std::vector<std::string>& instances() const override { return instances_; }
  [[nodiscard]] const rules::Synchronous& synchronous() const override { return synchronous_; }  // what the user wants
  [[nodiscard]] const rules::SynchronousSet& applied() const override { return applied_; }
  [[nodiscard]] const std::string& config_hash() const override { return config_hash_; }
  // why the newest settings are not in force
  [[nodiscard]] const std::string& config_error() const override { return config_error_; }
  [[nodiscard]] bool has_decrease() const override;  // the user's value of one of the floors lies below it
  [[nodiscard]] std::string settings_path() const override { return options_.run_directory + "/postgresql.conf"; }
  [[nodiscard]] std::string superuser_password_path() const {
    return options_.secrets_directory + "/superuser-password";
  }
  [[nodiscard]] std::string conninfo_to(const std::string& primary) const;
  // As superuser, for a rewind; its password is in the file that rewind_password_file() names.
  [[nodiscard]] std::string rewind_conninfo_to(const std::string& primary) const;
  [[nodiscard]] std::string rewind_password_file() const { return options_.run_directory + "/rewind.pgpass"; }
  [[nodiscard]] std::string slot() const;

 private:
  base::Result<void> read_config();
  base::Result<void> read_passwords();
  base::Result<void> copy_tls();
  base::Result<void> put_access();
  void judge(rules::Parameters wanted);
  std::string settings_text(const rules::Parameters& user);
  base::Result<void> put(const std::string& name, const std::string& text, mode_t mode);  // notes a change

  const Options& options_;
  const Addresses& addresses_;
  std::function<std::string(const std::string& path)> check_;
  Passwords passwords_;
  rules::Parameters user_settings_;
  std::optional<rules::Parameters> judged_;  // the last ones that were checked
  rules::Synchronous synchronous_;
  rules::SynchronousSet applied_;
  std::map<std::string, std::int64_t> floors_;
  std::vector<std::string> instances_, last_refused_;
  std::string primary_, config_hash_, config_error_;
  std::int64_t keep_mebibytes_ = 0;
  bool is_primary_ = false, has_changed_ = false, was_judged_with_data_ = false;
  std::map<std::string, std::uint64_t> written_;  // hash by file name
};

}  // namespace cadence::agent::postgres
