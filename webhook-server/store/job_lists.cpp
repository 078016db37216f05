#include "store/job_lists.hpp"

#include <vector>

#include "base/text.hpp"

namespace cadence::store {

using queue::JobFilter;
using queue::JobStatus;

namespace {

constexpr const char* kOrder = " order by created_at desc, id";

// Rows of one table that an index leads to, and what is asked of them besides.
struct Arm {
  std::string columns, table;
  std::vector<std::string> conditions, residue;
};

std::string live_columns(const ListDialect& dialect) {
  return "id, event_type, url, repo, full_name, branch, commit_id, author, created_at, updated_at, generation, "
         "attempt, "
         "replica, progress, case when " +
         dialect.is_waiting + " then 'pending' else 'processing' end as status, '' as error, '' as summary";
}

constexpr const char* kHistoryColumns =
    "id, event_type, url, repo, full_name, branch, commit_id, author, created_at, finished_at as updated_at, "
    "generation, attempt, replica, progress, status, error, summary";

bool is_over(JobStatus status) { return status == JobStatus::Completed || status == JobStatus::Failed; }

std::vector<Arm> arms_of(const JobFilter& filter, const ListDialect& dialect) {
  std::vector<Arm> arms;
  if (!filter.status || !is_over(*filter.status)) {
    Arm live{live_columns(dialect), "job", {}, {}};
    if (filter.status == JobStatus::Pending) live.conditions = {dialect.is_waiting};
    if (filter.status == JobStatus::Processing) live.conditions = {"not (" + dialect.is_waiting + ")"};
    if (!filter.repo.empty())
      live.residue = {"(repo = " + dialect.parameter + " or full_name = " + dialect.parameter + ")"};
    arms.push_back(std::move(live));
  }
  if (filter.status && !is_over(*filter.status)) return arms;
  Arm over{kHistoryColumns, "job_history", {}, {}};
  const auto status = filter.status ? "status = '" + std::string(to_string(*filter.status)) + "'" : std::string();
  if (filter.repo.empty()) {
    if (!status.empty()) over.conditions = {status};
    arms.push_back(std::move(over));
    return arms;
  }
  if (!status.empty()) over.residue = {status};
  auto by_full_name = over;
  over.conditions = {"repo = " + dialect.parameter};
  by_full_name.conditions = {"full_name = " + dialect.parameter, "repo <> " + dialect.parameter};
  arms.push_back(std::move(over));
  arms.push_back(std::move(by_full_name));
  return arms;
}

std::string where(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "" : " where " + base::join(conditions, " and ");
}

std::string rows_of(const Arm& arm, int most, bool is_ordered) {
  const auto limit = arm.residue.empty() ? most : queue::kMostFiltered;
  auto rows = "(select " + arm.columns + " from " + arm.table + where(arm.conditions) +
              (is_ordered || !arm.residue.empty() ? kOrder : "") + " limit " + std::to_string(limit) + ")";
  return "select * from " + rows + " as newest" + where(arm.residue);
}

std::string rows_of(const std::vector<Arm>& arms, int most, bool is_ordered) {
  std::vector<std::string> all;
  for (const auto& arm : arms) all.push_back(rows_of(arm, most, is_ordered));
  return base::join(all, " union all ");
}

}  // namespace

std::string all_jobs(const ListDialect& dialect) {
  return "(select " + live_columns(dialect) + " from job union all select " + kHistoryColumns +
         " from job_history) as jobs ";
}

std::string page_of(const JobFilter& filter, const ListDialect& dialect) {
  return "(" + rows_of(arms_of(filter, dialect), filter.limit + filter.offset, true) + ") as jobs ";
}

std::string in_order(const JobFilter& filter) {
  return std::string(kOrder) + " limit " + std::to_string(filter.limit) + " offset " + std::to_string(filter.offset);
}

std::string count_of(const JobFilter& filter, const ListDialect& dialect) {
  auto arms = arms_of(filter, dialect);
  for (auto& arm : arms) arm.columns = arm.table == "job" ? "repo, full_name" : "repo, full_name, status";
  std::vector<std::string> all;
  for (const auto& arm : arms) {
    const auto rows = rows_of(arm, queue::kMostCounted + 1, false);
    all.push_back("select 1 as one from (" + rows + ") as counted");
  }
  return "select count(*) from (select one from (" + base::join(all, " union all ") + ") as counted limit " +
         std::to_string(queue::kMostCounted + 1) + ") as counted";
}

}  // namespace cadence::store
