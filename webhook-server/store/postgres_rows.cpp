#include "store/postgres_rows.hpp"

#include <algorithm>

#include "analysis/text/unicode.hpp"

namespace cadence::store {

bool is_text(std::string_view bytes) {
  return bytes.find('\0') == std::string_view::npos && analysis::find_broken(bytes, 0) == bytes.size();
}

std::string as_text(std::string bytes) {
  std::replace(bytes.begin(), bytes.end(), '\0', ' ');
  return analysis::valid_utf8(std::move(bytes));
}

std::string state_of(const pqxx::sql_error& fault) {
  const auto is = [&]<class Type>(std::type_identity<Type>) { return dynamic_cast<const Type*>(&fault) != nullptr; };
  if (!fault.sqlstate().empty()) return fault.sqlstate();
  if (is(std::type_identity<pqxx::insufficient_privilege>())) return "42501";
  if (is(std::type_identity<pqxx::undefined_table>())) return "42P01";
  if (is(std::type_identity<pqxx::undefined_column>())) return "42703";
  if (is(std::type_identity<pqxx::syntax_error>())) return "42000";
  if (is(std::type_identity<pqxx::disk_full>())) return "53100";
  if (is(std::type_identity<pqxx::insufficient_resources>())) return "53000";
  if (is(std::type_identity<pqxx::data_exception>())) return "22000";
  if (is(std::type_identity<pqxx::integrity_constraint_violation>())) return "23000";
  if (is(std::type_identity<pqxx::feature_not_supported>())) return "0A000";
  return "";
}

queue::JobSpec spec_of(const pqxx::row& row) {
  return {row["event_type"].c_str(),
          row["url"].c_str(),
          row["repo"].c_str(),
          row["full_name"].c_str(),
          row["branch"].c_str(),
          row["commit_id"].c_str(),
          row["author"].c_str(),
          {},
          {}};
}

queue::Job job_of(const pqxx::row& row) {
  queue::Job job;
  job.id = row["id"].c_str();
  job.spec = spec_of(row);
  job.status = queue::parse_status(row["status"].c_str()).value_or(queue::JobStatus::Failed);
  job.progress = row["progress"].c_str();
  job.error = row["error"].c_str();
  job.replica = row["replica"].c_str();
  job.attempts = row["attempt"].as<int>();
  job.generation = row["generation"].as<int>();
  job.summary = row["summary"].c_str();
  job.created_at = base::Wall(std::chrono::microseconds(row["created"].as<long long>()));
  job.updated_at = base::Wall(std::chrono::microseconds(row["updated"].as<long long>()));
  return job;
}

}  // namespace cadence::store
