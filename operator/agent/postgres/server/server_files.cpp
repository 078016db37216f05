#include "agent/postgres/server/server_files.hpp"

#include <pwd.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/postgres/volume/files.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

std::string system_user() {
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  ::getpwuid_r(::geteuid(), &entry, buffer, sizeof(buffer), &found);
  return found == nullptr ? "postgres" : found->pw_name;
}

// A file that may be absent: then `fallback`.
base::Result<std::string> read_optional(const std::string& path, const std::string& fallback) {
  auto text = read_file(path);
  if (!text && text.error().kind == ErrorKind::NotFound) return fallback;
  return text;
}

base::Result<std::string> read_password(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  auto out = std::string(base::trim(*text));
  if (out.empty()) return Error{ErrorKind::Invalid, "Could not use the password in " + path + ": it is empty"};
  return out;
}

}  // namespace

base::Result<void> ServerFiles::prepare() {
  if (auto made = make_directory(options_.run_directory, 0700); !made) return made;
  if (auto slot = rules::slot_of(options_.instance); !slot) return slot.error();
  struct statvfs volume {};
  if (::statvfs(options_.log_volume().c_str(), &volume) == 0)
    keep_mebibytes_ = rules::slot_wal_keep_mebibytes(static_cast<std::int64_t>(volume.f_blocks * volume.f_frsize));
  return put_access();
}

base::Result<void> ServerFiles::put_access() {
  if (auto put_hba = put("pg_hba.conf", rules::render_hba(), 0600); !put_hba) return put_hba;
  return put("pg_ident.conf", rules::render_ident(system_user()), 0600);
}

std::string ServerFiles::slot() const { return rules::slot_of(options_.instance).value(); }

std::string ServerFiles::conninfo_to(const std::string& primary) const {
  return rules::render_conninfo(addresses_.postgres_of(primary), rules::kReplicationUser, options_.instance,
                                {options_.run_directory + "/ca.crt", options_.run_directory + "/replication.pgpass"});
}

std::string ServerFiles::rewind_conninfo_to(const std::string& primary) const {
  return rules::render_conninfo(addresses_.postgres_of(primary), rules::kSuperuser, options_.instance,
                                {options_.run_directory + "/ca.crt", rewind_password_file()}) +
         " dbname=postgres";
}

bool ServerFiles::has_decrease() const {
  for (const auto& [name, least] : floors_) {
    if (rules::integer_parameter(user_settings_, name) < least) return true;
  }
  return false;
}

base::Result<bool> ServerFiles::refresh() {
  has_changed_ = false;
  if (auto read = read_config(); !read) return read.error();
  if (auto read = read_passwords(); !read) return read.error();
  if (auto copied = copy_tls(); !copied) return copied.error();
  if (auto written = put_access(); !written) return written.error();
  if (auto written = put("postgresql.conf", settings_text(user_settings_), 0600); !written) return written.error();
  return has_changed_;
}

base::Result<void> ServerFiles::read_config() {
  const auto& folder = options_.config_directory;
  const auto settings = read_optional(folder + "/cadence.conf", "");
  const auto instances = read_optional(folder + "/instances", options_.instance + "\n");
  const auto synchronous = read_optional(folder + "/synchronous", "Required 1");
  if (!settings) return settings.error();
  if (!instances) return instances.error();
  if (!synchronous) return synchronous.error();
  auto parsed = rules::parse_parameters(*settings);
  if (!parsed) return parsed.error().with_context(folder + "/cadence.conf");
  const auto wanted = rules::parse_synchronous(*synchronous);
  if (!wanted) return wanted.error().with_context(folder + "/synchronous");
  judge(std::move(*parsed));
  config_hash_ = std::to_string(base::fnv1a(*settings));
  instances_ = rules::parse_instances(*instances);
  synchronous_ = *wanted;
  return {};
}

// A server that is told nonsense goes on with what it has, until it is restarted and does not start: so it is never
// told.
void ServerFiles::judge(rules::Parameters wanted) {
  // Libraries are looked for where there is a database.
  const bool has_data = exists(options_.data_directory + "/global/pg_control");
  if (judged_ && *judged_ == wanted && has_data == was_judged_with_data_) return;
  const auto candidate = options_.run_directory + "/candidate.conf";
  if (auto written = write_file(candidate, settings_text(wanted), 0600); !written) return;
  config_error_ = check_(candidate);
  judged_ = wanted;
  was_judged_with_data_ = has_data;
  if (config_error_.empty()) {
    user_settings_ = std::move(wanted);
    return;
  }
  if (user_settings_ == wanted) user_settings_.clear();  // taken before there was a database
  base::log_error("Kept the old parameters: the new ones are refused by PostgreSQL", {{"error", config_error_}});
}

base::Result<void> ServerFiles::read_passwords() {
  const auto& folder = options_.secrets_directory;
  auto superuser = read_password(folder + "/superuser-password");
  auto replication = read_password(folder + "/replication-password");
  auto application = read_password(folder + "/app-password");
  for (const auto* password : {&superuser, &replication, &application}) {
    if (!*password) return password->error();
  }
  passwords_ = {std::move(*superuser),
                std::move(*replication),
                std::move(*application),
                {rules::kApplicationUser, "", "", ""},
                ""};
  const auto optional = [&](const char* file) {
    const auto text = read_optional(folder + "/" + file, "");
    return text ? std::string(base::trim(*text)) : std::string();
  };
  if (auto user = optional("app-username"); !user.empty()) passwords_.logins.user = std::move(user);
  passwords_.logins.next = optional("app-next-username");
  passwords_.logins.retired = optional("app-retired-username");
  passwords_.logins.serial = optional("app-serial");
  passwords_.next_application = optional("app-next-password");
  const bool had_changed = has_changed_;
  auto written =
      put("replication.pgpass", rules::render_password_file(rules::kReplicationUser, passwords_.replication), 0600);
  if (written)
    written = put("rewind.pgpass", rules::render_password_file(rules::kSuperuser, passwords_.superuser), 0600);
  has_changed_ = had_changed;  // libpq reads it at each connection: no reload needed
  return written;
}

base::Result<void> ServerFiles::copy_tls() {
  // The key last: a reload between the two finds the old pair or fails and keeps the old one.
  for (const char* name : {"ca.crt", "tls.crt", "tls.key"}) {
    const auto text = read_file(options_.tls_directory + "/" + name);
    if (!text) return text.error();
    if (auto written = put(name, *text, 0600); !written) return written;
  }
  return {};
}

std::string ServerFiles::settings_text(const rules::Parameters& user) {
  rules::ServerSettings settings;
  settings.instance = options_.instance;
  settings.port = options_.port;
  settings.run_directory = options_.run_directory;
  settings.listen_addresses = options_.listen_addresses;
  settings.user = user;
  settings.slot_wal_keep_mebibytes = keep_mebibytes_;
  settings.synchronous_standby_names = rules::render_synchronous_standby_names(applied_);
  if (!is_primary_) settings.at_least = floors_;
  if (!is_primary_ && !primary_.empty()) {
    settings.primary_conninfo = conninfo_to(primary_);
    settings.primary_slot_name = slot();
  }
  auto rendered = rules::render_settings(settings);
  if (rendered.refused != last_refused_) {
    for (const auto& line : rendered.refused) base::log_warning("Left out a parameter", {{"parameter", line}});
    last_refused_ = rendered.refused;
  }
  return std::move(rendered.text);
}

base::Result<void> ServerFiles::put(const std::string& name, const std::string& text, mode_t mode) {
  const auto path = options_.run_directory + "/" + name;
  const auto hash = base::fnv1a(text);
  const auto found = written_.find(name);
  const bool is_known = found != written_.end() && found->second == hash;
  // Somebody with a shell in the container may have changed it since.
  if (const auto present = read_file(path); is_known && present && *present == text) return {};
  if (is_known) base::log_warning("Restored a file of the server's", {{"file", path}});
  if (auto written = write_file(path, text, mode); !written) return written;
  written_[name] = hash;
  has_changed_ = true;
  return {};
}

}  // namespace cadence::agent::postgres
