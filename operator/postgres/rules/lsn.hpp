// Positions in PostgreSQL's write-ahead log, as numbers that can be compared. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cadence::postgres {

using Lsn = std::uint64_t;  // 0: not known

std::optional<Lsn> parse_lsn(std::string_view text);  // "16/B374D848", as pg_lsn prints it
std::string format_lsn(Lsn lsn);

// Timeline and first position of a WAL segment file's name ("00000002000000000000003A", 16 MiB segments); nothing for
// other files.
struct Segment {
  std::int64_t timeline = 0;
  Lsn start = 0;
};
std::optional<Segment> parse_segment(std::string_view file_name);

}  // namespace cadence::postgres
