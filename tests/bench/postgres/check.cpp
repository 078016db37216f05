// Reads back every row and holds it against the journal: what was acknowledged must be there.
#include <cstdlib>
#include <fstream>
#include <set>
#include <stdexcept>

#include "book.hpp"

namespace ledger {

namespace {

using cadence::json::Value;
using Row = std::pair<int, std::int64_t>;
using namespace std::chrono_literals;

std::set<Row> rows_of(Session& session, const std::string& table) {
  const auto rows = session.rows("SELECT writer, seq FROM " + table, 60s);
  if (!rows) throw std::runtime_error("could not read " + table + ": " + session.problem());
  std::set<Row> out;
  for (int i = 0; i < PQntuples(rows->get()); ++i) {
    out.emplace(std::atoi(PQgetvalue(rows->get(), i, 0)), std::atoll(PQgetvalue(rows->get(), i, 1)));
  }
  return out;
}

}  // namespace

Value check(const Job& job, Session& session) {
  const auto present = rows_of(session, job.table);
  std::ifstream journal(job.journal);
  if (!journal) throw std::runtime_error("could not read the journal " + job.journal);
  std::int64_t acknowledged = 0, missing = 0, unknown = 0, unknown_present = 0, refused_present = 0;
  Value examples = Value::array();
  char outcome = 0;
  int writer = 0, backend = 0;
  std::int64_t seq = 0, began = 0, ended = 0;
  while (journal >> outcome >> writer >> seq >> began >> ended >> backend) {
    const bool is_there = present.contains({writer, seq});
    if (outcome == 'A') {
      ++acknowledged;
      if (!is_there && ++missing <= 20)
        examples.push_back(
            {{"writer", writer}, {"seq", seq}, {"ended", static_cast<double>(ended) / 1e9}, {"backend", backend}});
    } else if (outcome == 'U') {
      ++unknown;
      unknown_present += is_there ? 1 : 0;
    } else {
      refused_present += is_there ? 1 : 0;
    }
  }
  if (missing == 0 && job.drops_table) session.execute("DROP TABLE " + job.table, 10s);
  return {{"rows", present.size()},
          {"acknowledged", acknowledged},
          {"missing", missing},
          {"examples", examples},
          {"unknown", unknown},
          {"unknown_present", unknown_present},
          {"refused_present", refused_present},
          {"read_from", session.backend().instance}};
}

}  // namespace ledger
