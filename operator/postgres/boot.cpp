#include "postgres/boot.hpp"

#include <map>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

std::map<std::string, std::string> lines_of(std::string_view text) {
  std::map<std::string, std::string> out;
  for (const auto& line : base::split(text, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    out[std::string(base::trim(line.substr(0, colon)))] = std::string(base::trim(line.substr(colon + 1)));
  }
  return out;
}

BootDecision decide_without_data(const BootFacts& facts) {
  const auto& lease = facts.lease;
  if (lease.system_identifier.empty()) {
    if (!facts.may_initialize) return WaitForPrimary{"another instance initialises the database"};
    if (!lease.holder.empty() && lease.holder != facts.instance) return WaitForPrimary{lease.holder + " holds the Lease and initialises the database"};
    return Initialize{};
  }
  if (lease.holder == facts.instance) {
    return Refuse{"the Lease names this instance as primary of database " + lease.system_identifier +
                  ", but its volume is empty: restore the volume, or point the Lease to an instance that has the data"};
  }
  if (lease.holder.empty()) return WaitForPrimary{"nobody holds the Lease, so there is no primary to copy from"};
  return Clone{lease.holder};
}

BootDecision decide_for_standby(const BootFacts& facts) {
  if (facts.lease.holder == facts.instance) {
    return Refuse{"the Lease names this instance, but its data is a standby's: this version promotes no standby"};
  }
  return Follow{facts.lease.holder};
}

BootDecision decide_for_primary(const BootFacts& facts) {
  const auto& lease = facts.lease;
  if (lease.holder == facts.instance) return ResumeAsPrimary{lease.holder_uid != facts.pod_uid};
  if (lease.timeline > facts.data.timeline) {
    return Refuse{"timeline " + std::to_string(lease.timeline) + " of the Lease is newer than timeline " + std::to_string(facts.data.timeline) +
                  " of the data: another instance was promoted, the data must be rewound or copied anew"};
  }
  if (lease.holder.empty()) return ResumeAsPrimary{!lease.is_present};
  return Refuse{lease.holder + " holds the Lease, but this instance was primary: its data must be rewound or copied anew"};
}

}  // namespace

base::Result<DataDirectory> parse_control_data(std::string_view text) {
  const auto lines = lines_of(text);
  const auto line = [&](const char* name) {
    const auto found = lines.find(name);
    return found == lines.end() ? std::string() : found->second;
  };
  DataDirectory out;
  out.state = DataDirectory::State::Database;
  out.system_identifier = line("Database system identifier");
  const auto timeline = base::parse_integer(line("Latest checkpoint's TimeLineID"));
  const auto state = line("Database cluster state");
  if (out.system_identifier.empty() || !timeline || state.empty()) {
    return base::Error{base::ErrorKind::Invalid, "Could not read the control file: a line is missing in the output of pg_controldata"};
  }
  out.timeline = *timeline;
  out.is_cleanly_stopped = state == "shut down" || state == "shut down in recovery";
  return out;
}

BootDecision decide_boot(const BootFacts& facts) {
  const auto& data = facts.data;
  if (data.state == DataDirectory::State::Foreign) return Refuse{"the data directory is not empty and holds no database: " + data.problem};
  if (data.state == DataDirectory::State::Empty) return decide_without_data(facts);
  if (data.major_version != facts.program_version) {
    return Refuse{"the data is of PostgreSQL " + std::to_string(data.major_version) + ", the program is PostgreSQL " + std::to_string(facts.program_version)};
  }
  if (!facts.lease.system_identifier.empty() && facts.lease.system_identifier != data.system_identifier) {
    return Refuse{"the data is of another database: its system identifier is " + data.system_identifier + ", the Lease says " +
                  facts.lease.system_identifier};
  }
  return data.is_standby ? decide_for_standby(facts) : decide_for_primary(facts);
}

std::string to_string(const BootDecision& decision) {
  struct Text {
    std::string operator()(const Initialize&) const { return "Initialize a new database"; }
    std::string operator()(const Clone& d) const { return "Clone from " + d.from; }
    std::string operator()(const Follow& d) const { return d.primary.empty() ? "Follow nobody yet" : "Follow " + d.primary; }
    std::string operator()(const ResumeAsPrimary& d) const {
      return d.must_watch_first ? "Resume as primary once the Lease stayed silent" : "Resume as primary";
    }
    std::string operator()(const WaitForPrimary& d) const { return "Wait: " + d.why; }
    std::string operator()(const Refuse& d) const { return "Refuse: " + d.why; }
  };
  return std::visit(Text{}, decision);
}

}  // namespace cadence::postgres
