#include "postgres/rules/timeline_history.hpp"

#include "base/text.hpp"

namespace cadence::postgres {

std::vector<LogPoint> parse_timeline_history(std::string_view text) {
  std::vector<LogPoint> out;
  for (const auto& line : base::split(text, '\n')) {
    const auto words = base::split(line, '\t');
    const auto timeline = words.size() < 2 ? std::nullopt : base::parse_integer(words[0]);
    const auto lsn = words.size() < 2 ? std::nullopt : parse_lsn(words[1]);
    if (timeline && lsn) out.push_back({*lsn, *timeline});
  }
  return out;
}

}  // namespace cadence::postgres
