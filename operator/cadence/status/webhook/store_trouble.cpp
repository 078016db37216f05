#include "cadence/status/webhook/store_trouble.hpp"

#include <array>
#include <map>
#include <set>
#include <vector>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "postgres/rules/replication.hpp"

namespace cadence::status {

namespace {

using facts::StoreReport;

struct Step {
  const char* code;  // a SQLSTATE, or how it begins
  std::string sentence;
};

// The first that fits counts.
std::vector<Step> known_steps(const names::Names& names) {
  const std::string owner = postgres::kApplicationUser, database = postgres::kApplicationDatabase;
  return {
      {"42501", "Role " + owner + " lacks rights in database " + database +
                    ": as a superuser in the primary, make it the owner again (ALTER TABLE … OWNER TO " + owner +
                    ") or GRANT what was taken; it needs CONNECT on the database, all rights on schema public and on "
                    "the tables."},
      {"42P01", "A table of the job store is missing, or schema public is closed to role " + owner +
                    ": bring the table back from a backup, or GRANT ALL ON SCHEMA public TO " + owner + "."},
      {"42703", "A table of the job store lacks a column: undo the change of the table."},
      {"3F", "Schema public of database " + database + " is missing: create it, owned by " + owner + "."},
      {"3D", "Database " + database + " is missing: create it, owned by " + owner + "."},
      {"25006",
       "The server or the login takes no writes: look at PostgresReady, and for default_transaction_read_only in ALTER "
       "ROLE, ALTER DATABASE and ALTER SYSTEM."},
      {"53100", "The disk of the primary is full: raise spec.postgres.storage.size, or remove what fills it."},
      {"53300",
       "All connections are taken: end those that nobody needs (pg_stat_activity), or raise max_connections in "
       "spec.postgres.parameters."},
      {"53", "The primary lacks memory or another resource: raise spec.postgres.resources."},
      {"28",
       "The login is refused: Secret " + names.postgres_app() +
           " must hold the password that the role has; give back LOGIN and the password if ALTER ROLE changed them."},
      {"57P03", "The server is starting or stopping, which passes by itself: look at PostgresReady."},
      {"57P01", "The server ended the session, which passes by itself: look at PostgresReady."},
      {"55P03",
       "Somebody holds a lock on the tables: look for it in pg_locks and pg_stat_activity, and end that session."},
      {"57014", "Statements take too long: look in pg_stat_activity for what holds them up."},
      {"08", "Nothing usable answers at Service " + names.postgres_rw() +
                 ": look at PostgresReady, and at NetworkPolicies between the webhook servers and PostgreSQL."},
  };
}

bool has_reason(const StoreReport& report) { return !report.code.empty() || !report.reason.empty(); }

std::string quoted(const StoreReport& report) {
  if (!has_reason(report)) return "no reason given";
  const bool is_of_the_server = !report.code.empty() && !report.code.starts_with("08");
  return (is_of_the_server ? "PostgreSQL says: " : "") + report.reason +
         (report.code.empty() ? "" : " (" + report.code + ")");
}

}  // namespace

std::string store_reasons(const facts::Observation& observation) {
  std::map<std::string, std::vector<std::string>> pods;
  for (const auto& [pod, report] : observation.webhook_stores) {
    if (!report.is_up) pods[quoted(report)].push_back(pod);
  }
  std::vector<std::string> parts;
  for (const auto& [reason, names] : pods) parts.push_back(base::join(names, ", ") + ": " + reason);
  return base::join(parts, "; ");
}

std::string store_steps(const facts::Observation& observation) {
  const auto steps = known_steps(names::Names(observation.cluster->metadata.name));
  std::set<std::string> sentences;
  for (const auto& [pod, report] : observation.webhook_stores) {
    if (report.is_up) continue;
    std::string sentence = "If PostgresReady is True, look for more in the log of the pod.";
    for (const auto& step : steps) {
      if (!report.code.starts_with(step.code)) continue;
      sentence = step.sentence;
      break;
    }
    sentences.insert(std::move(sentence));
  }
  return base::join({sentences.begin(), sentences.end()}, " ");
}

}  // namespace cadence::status
