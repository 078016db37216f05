#include "job.hpp"

#include <algorithm>
#include <stdexcept>

namespace ledger {

namespace {

bool is_plain(const std::string& table) {
  return !table.empty() && std::all_of(table.begin(), table.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

}  // namespace

Job read_job(const cadence::json::Value& d) {
  Job out;
  out.mode = d.value("mode", out.mode);
  out.address = d.at("address");
  out.server_name = d.at("server_name");
  out.port = d.value("port", out.port);
  out.user = d.at("user");
  out.password = d.at("password");
  out.database = d.at("database");
  out.ca = d.at("ca");
  out.table = d.at("table");
  out.journal = d.at("journal");
  out.writers = std::clamp(d.value("writers", out.writers), 1, 64);
  out.first_writer = d.value("first_writer", out.first_writer);
  out.interval = milliseconds(d.value("interval_ms", out.interval.count()));
  out.connect_limit = milliseconds(d.value("connect_ms", out.connect_limit.count()));
  out.answer_limit = milliseconds(d.value("answer_ms", out.answer_limit.count()));
  out.gap_over = milliseconds(d.value("gap_ms", out.gap_over.count()));
  out.seconds = d.value("seconds", out.seconds);
  out.makes_table = d.value("makes_table", out.makes_table);
  out.drops_table = d.value("drops_table", out.drops_table);
  if (out.mode != "write" && out.mode != "check")
    throw std::invalid_argument("mode is write or check, not '" + out.mode + "'");
  if (!is_plain(out.table))
    throw std::invalid_argument("table is lower-case letters, digits, '_' and '.', not '" + out.table + "'");
  return out;
}

}  // namespace ledger
