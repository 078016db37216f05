#include "store/postgres_rows.hpp"

namespace cadence::store {

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
