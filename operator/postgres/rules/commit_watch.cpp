#include "postgres/rules/commit_watch.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

// Longer than a busy disk takes, shorter than the 5 s after which PostgreSQL itself gives up a stream.
constexpr std::chrono::seconds kPatience{3};

std::string unquoted(std::string_view name) {
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
  return base::replace_all(std::string(name.substr(1, name.size() - 2)), "\"\"", "\"");
}

// The position that as many as `number` standbys have confirmed; 0: fewer count.
Lsn confirmed_by(int number, const std::vector<StandbyPosition>& counted) {
  if (counted.size() < static_cast<std::size_t>(number)) return 0;
  std::vector<Lsn> positions;
  for (const auto& standby : counted) positions.push_back(standby.confirmed);
  std::sort(positions.rbegin(), positions.rend());
  return positions[static_cast<std::size_t>(number - 1)];
}

std::string names_of(const std::vector<StandbyPosition>& counted) {
  std::vector<std::string> names;
  for (const auto& standby : counted) names.push_back(standby.name);
  return base::join(names, ", ");
}

}  // namespace

StandbyNames parse_standby_names(std::string_view value) {
  StandbyNames out;
  auto list = base::trim(value);
  if (list.empty()) return out;
  out.number = 1;
  // "ANY 2 (…)", "FIRST 2 (…)" or "2 (…)"; without brackets the first of the list counts.
  if (const auto open = list.find('('); open != std::string_view::npos && list.back() == ')' && list.front() != '"') {
    const auto head = base::trim(list.substr(0, open));
    const auto space = head.rfind(' ');
    out.number = static_cast<int>(
        base::parse_integer(space == std::string_view::npos ? head : head.substr(space + 1)).value_or(1));
    list = list.substr(open + 1, list.size() - open - 2);
  }
  for (const auto& name : base::split(list, ',')) out.names.push_back(unquoted(base::trim(name)));
  return out;
}

std::string CommitWatch::look(const CommitFacts& facts, Time now) {
  const auto wanted = parse_standby_names(facts.synchronous_standby_names);
  if (wanted.number == 0) {
    forget();
    return {};
  }
  const auto confirmed = confirmed_by(wanted.number, facts.counted);
  if (oldest_ && confirmed >= oldest_->position) forget();
  if (!oldest_ && confirmed < facts.written) oldest_ = {facts.written, now};
  const auto rule = std::string(kWaitsForAny) + std::to_string(wanted.number) + " of " + base::join(wanted.names, ", ");
  if (facts.counted.size() < static_cast<std::size_t>(wanted.number)) {
    return rule + ", and " +
           (facts.counted.empty() ? "none of them streams" : "only " + names_of(facts.counted) + " streams");
  }
  if (!oldest_ || now - oldest_->since < kPatience) return {};
  return rule + ", and too few of those that stream (" + names_of(facts.counted) +
         ") have confirmed what was written more than " + std::to_string(kPatience.count()) + " s ago";
}

}  // namespace cadence::postgres
