// What the operator mounts for us, turned into the files that PostgreSQL reads: settings, access rules, keys, the password file.
// Promises: reads everything again on refresh() and says what changed; keys are readable for us alone; a broken input leaves the
// last good files in place. Passwords stay in memory and in one file in the run folder.
#pragma once

#include <string>
#include <vector>

#include "agent/postgres/options.hpp"
#include "postgres/settings.hpp"

namespace cadence::agent::postgres {

struct Passwords {
  std::string superuser, replication, application;
  bool operator==(const Passwords&) const = default;
};

class ServerFiles {
 public:
  explicit ServerFiles(const Options& options) : options_(options) {}

  base::Result<void> prepare();  // the run folder and files that never change
  // Reads the mounts and writes what follows from them. True when the server must reload.
  base::Result<bool> refresh();

  // Replication target; an empty name: nobody. Takes effect with the next refresh().
  void follow(const std::string& primary);
  void synchronise(const std::vector<std::string>& streaming) { streaming_ = streaming; }
  void act_as_primary(bool is_primary) { is_primary_ = is_primary; }

  [[nodiscard]] const Passwords& passwords() const { return passwords_; }
  [[nodiscard]] const std::vector<std::string>& instances() const { return instances_; }
  [[nodiscard]] const std::string& synchronous_standby_names() const { return synchronous_names_; }
  [[nodiscard]] std::string settings_path() const { return options_.run_directory + "/postgresql.conf"; }
  [[nodiscard]] std::string superuser_password_path() const { return options_.secrets_directory + "/superuser-password"; }
  [[nodiscard]] std::string conninfo_to(const std::string& primary) const;
  [[nodiscard]] std::string slot() const;

 private:
  base::Result<void> read_config();
  base::Result<void> read_passwords();
  base::Result<void> copy_tls();
  base::Result<std::string> settings_text();
  base::Result<void> put(const std::string& name, const std::string& text, mode_t mode);  // notes a change

  const Options& options_;
  Passwords passwords_;
  rules::Parameters user_settings_;
  rules::Synchronous synchronous_;
  std::vector<std::string> instances_, streaming_, last_refused_;
  std::string primary_, synchronous_names_;
  std::int64_t keep_mebibytes_ = 0;
  bool is_primary_ = false, has_changed_ = false;
  std::map<std::string, std::uint64_t> written_;  // hash by file name
};

}  // namespace cadence::agent::postgres
