#include "agent/postgres/server/settings_guard.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "agent/postgres/volume/files.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "postgres/rules/settings.hpp"

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::minutes kToldFor{10};
constexpr std::chrono::seconds kToldTogether{30};
constexpr std::chrono::seconds kLoginInterval{5};
constexpr int kRefusedLogins = 2;
constexpr std::size_t kMostTold = 6;
constexpr std::size_t kMostExempt = 3;  // named; the rest is counted

// Changes whenever the file does: PostgreSQL writes another one and renames it.
std::string identity_of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return "none";
  return std::to_string(file.st_ino) + " " + std::to_string(file.st_size) + " " + std::to_string(file.st_mtim.tv_sec) +
         "." + std::to_string(file.st_mtim.tv_nsec);
}

// Roles and databases that the agent made: their defaults are ours.
bool is_ours(const std::string& database, const std::string& role, const rules::Logins& logins) {
  if (role.empty()) return database.empty() || database == rules::kApplicationDatabase || database == rules::kSuperuser;
  const std::string ours[] = {rules::kSuperuser, rules::kReplicationUser, rules::kApplicationUser, logins.user,
                              logins.next,       logins.retired};
  return std::find(std::begin(ours), std::end(ours), role) != std::end(ours);
}

// "ROLE a IN DATABASE b", as ALTER takes it.
std::string target_of(const std::string& database, const std::string& role) {
  if (role.empty()) return database.empty() ? "ROLE ALL" : "DATABASE " + rules::quote_identifier(database);
  return "ROLE " + rules::quote_identifier(role) +
         (database.empty() ? "" : " IN DATABASE " + rules::quote_identifier(database));
}

}  // namespace

void SettingsGuard::tell(const std::string& what, Time now) {
  if (now - told_ > kToldTogether) restored_.clear();
  if (restored_.size() < kMostTold && std::find(restored_.begin(), restored_.end(), what) == restored_.end())
    restored_.push_back(what);
  told_ = now;
  told_at_ = base::format_rfc3339(base::system_clock().wall());
  base::log_warning("Set back a setting that is ours", {{"setting", what}});
}

bool SettingsGuard::tend_system(Time now) {
  const auto path = system_file();
  const auto identity = identity_of(path);
  if (identity == seen_file_) return false;
  const auto text = read_file(path);
  const auto names = text ? rules::overrides_in(*text) : std::vector<std::string>{};
  std::string refused;
  std::vector<std::string> done;
  for (const auto& name : names) {
    const auto connection = probe_.connection();
    const auto reset = connection ? (*connection)->query("ALTER SYSTEM RESET " + rules::quote_identifier(name))
                                  : base::Result<std::vector<rules::Row>>(connection.error());
    if (reset) done.push_back(name);
    else
      refused += (refused.empty() ? "" : "; ") + name +
                 " in postgresql.auto.conf could not be set back: " + reset.error().message;
  }
  if (!done.empty()) tell(base::join(done, ", ") + " (ALTER SYSTEM)", now);
  if (refused != refused_ && !refused.empty())
    base::log_warning("Could not set back a setting that is ours", {{"why", refused}});
  refused_ = refused;
  if (refused.empty() && names.empty()) seen_file_ = identity;
  return !done.empty() || seen_file_ == identity;  // a file that is in order may have been put there without a reload
}

bool SettingsGuard::tend_logins(Time now) {
  if (now - tried_login_ < kLoginInterval) return false;
  tried_login_ = now;
  const auto text = read_file(system_file());
  if (!text || rules::names_in(*text).empty()) return false;
  const auto login =
      rules::Connection::open({.socket_directory = options_.run_directory, .port = options_.port, .settings = ""});
  refused_logins_ = login || login.error().kind != base::ErrorKind::Invalid ? 0 : refused_logins_ + 1;
  if (refused_logins_ < kRefusedLogins) return false;
  refused_logins_ = 0;
  return lay_aside("nobody could log in: " + login.error().message, now);
}

bool SettingsGuard::lay_aside(const std::string& why, Time now) {
  const auto text = read_file(system_file());
  const auto names = text ? rules::names_in(*text) : std::vector<std::string>{};
  if (names.empty()) return false;
  if (auto kept = write_file(aside_file(), *text, 0600); !kept) return false;
  if (auto emptied = write_file(system_file(), "", 0600); !emptied) return false;
  laid_ = now;
  laid_aside_ = "with what ALTER SYSTEM had set (" + base::join(names, ", ") + ") " + why + "; at " +
                base::format_rfc3339(base::system_clock().wall()) + " all of it was laid aside in " + aside_file();
  base::log_error("Laid aside what ALTER SYSTEM had set",
                  {{"settings", base::join(names, ", ")}, {"why", why}, {"file", aside_file()}});
  return true;
}

void SettingsGuard::put_back() {
  const auto text = read_file(aside_file());
  if (text && write_file(system_file(), *text, 0600)) laid_aside_.clear();
}

void SettingsGuard::tend_roles(const rules::Logins& logins, Time now) {
  const auto connection = probe_.connection();
  if (!connection) return;
  const auto rows = (*connection)
                        ->query(
                            "SELECT coalesce(d.datname, ''), coalesce(r.rolname, ''), split_part(c, '=', 1), substr(c, "
                            "strpos(c, '=') + 1) FROM pg_db_role_setting s "
                            "CROSS JOIN unnest(s.setconfig) c LEFT JOIN pg_database d ON d.oid = s.setdatabase LEFT "
                            "JOIN pg_roles r ON r.oid = s.setrole "
                            "WHERE split_part(c, '=', 1) IN ('synchronous_commit', 'zero_damaged_pages', "
                            "'default_transaction_read_only', 'search_path', 'session_preload_libraries', "
                            "'local_preload_libraries') ORDER BY 1, 2, 3");
  if (!rows) return;
  std::vector<std::string> exempt;
  for (const auto& row : *rows) {
    if (row.size() != 4) continue;
    const auto database = row[0].value_or(""), role = row[1].value_or(""), name = row[2].value_or("");
    // A user's own role may well be for reading only, or see other schemas; with one of ours nothing could be stored.
    const bool is_protecting = name == "synchronous_commit" || name == "zero_damaged_pages";
    const bool is_closing = !is_protecting && is_ours(database, role, logins);
    if (!is_closing && rules::objection_to_override(name, row[3].value_or("")).empty()) continue;
    const auto target = target_of(database, role);
    if (!is_ours(database, role, logins)) {
      exempt.push_back(target);
      continue;
    }
    const auto reset = (*connection)->query("ALTER " + target + " RESET " + name);
    if (reset) tell(name + " (ALTER " + target + ")", now);
    else
      base::log_warning("Could not set back a setting that is ours",
                        {{"setting", name}, {"target", target}, {"why", reset.error().message}});
  }
  const auto more =
      exempt.size() > kMostExempt ? " and " + std::to_string(exempt.size() - kMostExempt) + " more" : std::string();
  if (exempt.size() > kMostExempt) exempt.resize(kMostExempt);
  exempt_ = exempt.empty() ? ""
                           : "commits wait for no standby where ALTER " + base::join(exempt, ", ") + more +
                                 " SET synchronous_commit says so";
}

void SettingsGuard::tell_straying(Time now) {
  strayed_ = now;
  strayed_at_ = base::format_rfc3339(base::system_clock().wall());
  base::log_error("Stopping the server at once: it was promoted, and nobody elected it",
                  {{"next", "make it a standby again"}});
}

std::string SettingsGuard::findings(Time now) const {
  std::string out = refused_;
  const auto add = [&](const std::string& part) { out += (out.empty() || part.empty() ? "" : "; ") + part; };
  add(exempt_);
  if (!laid_aside_.empty() && now - laid_ < kToldFor) add(laid_aside_);
  if (!strayed_at_.empty() && now - strayed_ < kToldFor)
    add("the server of " + options_.instance + " was promoted by hand at " + strayed_at_ +
        ", stopped, and made a standby again");
  if (!restored_.empty() && now - told_ < kToldFor) add("set back at " + told_at_ + ": " + base::join(restored_, "; "));
  return out;
}

}  // namespace cadence::agent::postgres
