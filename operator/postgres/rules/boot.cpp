#include "postgres/rules/boot.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "postgres/rules/election.hpp"
#include "postgres/rules/instance_status.hpp"

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

// Somebody else has the data too, and may be elected.
bool has_successors(const LeaseView& lease) { return !lease.synchronous.names.empty(); }

// With a synchronous set its quorum keeps an earlier pod of ours from acknowledging; without one only time does.
bool must_watch_before_release(const BootFacts& facts) {
  return facts.lease.holder_uid != facts.pod_uid && facts.lease.synchronous.number == 0;
}

BootDecision decide_without_data(const BootFacts& facts) {
  const auto& lease = facts.lease;
  if (lease.system_identifier.empty()) {
    if (!facts.may_initialize) return WaitForPrimary{"another instance initialises the database"};
    if (!lease.holder.empty() && lease.holder != facts.instance)
      return WaitForPrimary{lease.holder + " holds the Lease and initialises the database"};
    return Initialize{};
  }
  if (lease.holder == facts.instance) {
    if (has_successors(lease))
      return GiveUpLease{"the volume of " + facts.instance + " is empty", must_watch_before_release(facts)};
    return Refuse{"the Lease names this instance as primary of database " + lease.system_identifier +
                  ", but its volume is empty: restore the volume, or point the Lease to an instance that has the data"};
  }
  if (lease.holder.empty()) return WaitForPrimary{"nobody holds the Lease, so there is no primary to copy from"};
  return Clone{lease.holder, false};
}

BootDecision decide_repair(const BootFacts& facts) {
  const auto& holder = facts.lease.holder;
  if (facts.data.is_wal_lost && holder == facts.instance) {
    return Refuse{
        "the volume of the write-ahead log is empty, and no other instance has the data: restore that volume, or the "
        "whole instance"};
  }
  if (holder.empty() || holder == facts.instance)
    return WaitForPrimary{"the data cannot follow as it is, and there is no other primary to repair it from"};
  // No tool can tell its own timeline from a later one that was given the same number.
  const bool is_number_taken =
      facts.data.is_strayed && std::max(facts.lease.reserved_timeline, facts.lease.timeline) >= facts.data.timeline;
  if (facts.repair == Repair::Clone || facts.data.is_wal_lost || is_number_taken) return Clone{holder, true};
  return Rewind{holder};
}

// A vote is wanted, and ours is true: our own agent wrote down that this log is of our reign, the number of the last
// promotion is higher, and since then we followed nobody, so no commit was acknowledged on our word. A log that came
// from anywhere else proves nothing.
bool can_stand(const BootFacts& facts) {
  const auto& lease = facts.lease;
  const bool is_succeeded = facts.data.is_of_own_reign() && facts.data.timeline < lease.reserved_timeline;
  return facts.is_successor_lost && is_succeeded && lease.synchronous.number > 0 &&
         lease.synchronous.has(facts.instance);
}

BootDecision decide_for_primary(const BootFacts& facts) {
  const auto& lease = facts.lease;
  if (lease.holder == facts.instance) {
    const bool is_other_pod = lease.holder_uid != facts.pod_uid;
    if (lease.timeline > facts.data.timeline && has_successors(lease)) {
      return GiveUpLease{"the Lease names " + facts.instance + ", whose data is of timeline " +
                             std::to_string(facts.data.timeline) + ", and the database is at timeline " +
                             std::to_string(lease.timeline),
                         must_watch_before_release(facts)};
    }
    // Recovery of a crash takes longer than an election, and a pod that crashed once may do so again.
    if (!facts.data.is_cleanly_stopped && has_successors(lease)) {
      return GiveUpLease{"the server of " + facts.instance + " had crashed", must_watch_before_release(facts)};
    }
    return ResumeAsPrimary{is_other_pod};
  }
  if (can_stand(facts)) return StandForElection{};
  if (!lease.holder.empty()) {
    // It was promoted from what came before our own promotion, to the same number: no tool can tell the two histories
    // apart.
    if (facts.holder_timeline > 0 && facts.holder_timeline <= facts.data.timeline) return Clone{lease.holder, true};
    // Its first checkpoint is what a rewind goes by.
    if (lease.timeline <= facts.data.timeline)
      return WaitForPrimary{lease.holder + " has claimed the Lease and is being promoted"};
    return Rewind{lease.holder};
  }
  if (lease.timeline > facts.data.timeline)
    return WaitForPrimary{
        "another instance was primary since and nobody is now: this data waits to be compared with the next primary's"};
  if (!lease.is_present || lease.last_holder.empty()) return ResumeAsPrimary{!lease.is_present};
  if (lease.last_holder != facts.instance)
    return WaitForPrimary{lease.last_holder + " was primary last, says annotation " + kLastHolderAnnotation +
                          " of the Lease: this data waits to be compared with the next primary's"};
  if (has_successors(lease) &&
      facts.since_release < (lease.handover_to.empty() ? kElectionHeadStart : kHandoverPatience + Milliseconds(1000))) {
    return WaitForPrimary{"the Lease is free: the standbys may elect"};
  }
  return ResumeAsPrimary{false};
}

BootDecision decide_recovery(const BootFacts& facts) {
  const auto& lease = facts.lease;
  const bool is_chosen = lease.recovers_from(facts.instance);
  if (facts.data.state == DataDirectory::State::Empty) {
    if (is_chosen) return Initialize{};
    return WaitForPrimary{"the volume is empty, and the database is looked for on the others"};
  }
  if (volume_of(facts) != kVolumeDatabase)
    return WaitForPrimary{"the data was being repaired, and the database is looked for on the other volumes"};
  // Told to bring it back, it has been opened already: by a promotion or by initdb, before the Lease could tell of it.
  if (is_chosen && !facts.data.is_standby)
    return ResumeAsPrimary{lease.holder == facts.instance && lease.holder_uid != facts.pod_uid};
  return Recover{};
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
    return base::Error{base::ErrorKind::Invalid,
                       "Could not read the control file: a line is missing in the output of pg_controldata"};
  }
  // A server that was promoted and crashed before its first checkpoint tells the new timeline there only.
  out.timeline = std::max(*timeline, base::parse_integer(line("Min recovery ending loc's timeline")).value_or(0));
  out.least_recovery = {parse_lsn(line("Minimum recovery ending location")).value_or(0),
                        base::parse_integer(line("Min recovery ending loc's timeline")).value_or(0)};
  out.checkpoint = parse_lsn(line("Latest checkpoint location")).value_or(0);
  // pg_controldata's names: "max_connections setting", "max_prepared_xacts setting", …
  static const std::map<std::string, std::string> printed{{"max_connections", "max_connections setting"},
                                                          {"max_locks_per_transaction", "max_locks_per_xact setting"},
                                                          {"max_prepared_transactions", "max_prepared_xacts setting"},
                                                          {"max_wal_senders", "max_wal_senders setting"},
                                                          {"max_worker_processes", "max_worker_processes setting"}};
  for (const auto& [name, label] : printed) {
    if (const auto value = base::parse_integer(line(label.c_str()))) out.limits[name] = *value;
  }
  // Not "shut down in recovery": the checkpoint that such a server names is an old one of its primary's, not the end of
  // the log.
  out.is_cleanly_stopped = state == "shut down";
  out.was_in_recovery = state == "shut down in recovery" || state == "in archive recovery";
  return out;
}

std::string_view volume_of(const BootFacts& facts) {
  const auto& data = facts.data;
  if (data.state == DataDirectory::State::Empty) return facts.is_rewind_unfinished ? kVolumeStale : kVolumeEmpty;
  const bool is_ours = data.state == DataDirectory::State::Database && data.major_version == facts.program_version;
  if (!is_ours || data.is_wal_lost) return kVolumeUnusable;
  return facts.is_rewind_unfinished || data.is_strayed ? kVolumeStale : kVolumeDatabase;
}

BootDecision decide_boot(const BootFacts& facts) {
  const auto& data = facts.data;
  const auto& lease = facts.lease;
  if (lease.is_fenced(facts.instance)) {
    if (lease.holder == facts.instance)
      return GiveUpLease{facts.instance + " is fenced", must_watch_before_release(facts)};
    return StayFenced{};
  }
  if (data.state == DataDirectory::State::Foreign)
    return Refuse{"the data directory is not empty and holds no database: " + data.problem};
  const bool is_looked_for = lease.is_recovering() && (lease.holder.empty() || lease.holder == facts.instance);
  if (data.state == DataDirectory::State::Empty)
    return is_looked_for ? decide_recovery(facts) : decide_without_data(facts);
  if (data.major_version != facts.program_version) {
    return Refuse{"the data is of PostgreSQL " + std::to_string(data.major_version) + ", the program is PostgreSQL " +
                  std::to_string(facts.program_version)};
  }
  if (!lease.system_identifier.empty() && lease.system_identifier != data.system_identifier) {
    return Refuse{"the data is of another database: its system identifier is " + data.system_identifier +
                  ", annotation " + kSystemIdentifierAnnotation + " of the Lease says " + lease.system_identifier};
  }
  if (is_looked_for && data.is_wal_lost)
    return Refuse{"the volume of the write-ahead log is empty: what it held is not known"};
  if (is_looked_for) return decide_recovery(facts);
  const bool is_whole = !facts.is_rewind_unfinished && !data.is_wal_lost && !data.is_strayed;
  // A repair that was put off leaves what is there as it was, and its log may be what an election needs.
  if (!is_whole || (facts.repair != Repair::None && !facts.is_successor_lost)) {
    if (lease.holder == facts.instance && has_successors(lease)) {
      return GiveUpLease{"the data of " + facts.instance + " must be repaired first", must_watch_before_release(facts)};
    }
    return decide_repair(facts);
  }
  // Elected, and dead before it was promoted: it starts, and promotes itself.
  if (data.is_standby && (lease.holder == facts.instance || !lease.is_present)) return Follow{""};
  // Somebody took away the file that makes it a standby; its log is no other for that.
  const bool was_standby = data.was_in_recovery && !data.is_of_own_reign() && lease.is_present &&
                           lease.last_holder != facts.instance && lease.holder != facts.instance;
  if (data.is_former_primary() && !was_standby) return decide_for_primary(facts);
  // Where the log ends is known once a server has read it (is_part_of_elected).
  return Follow{!lease.elected_at || data.timeline == lease.reserved_timeline ? lease.holder : ""};
}

std::string to_string(const BootDecision& decision) {
  struct Text {
    std::string operator()(const Initialize&) const { return "Initialize a new database"; }
    std::string operator()(const Clone& d) const {
      return (d.replaces_data ? "Clone again from " : "Clone from ") + d.from;
    }
    std::string operator()(const Follow& d) const {
      return d.primary.empty() ? "Follow nobody yet" : "Follow " + d.primary;
    }
    std::string operator()(const Rewind& d) const { return "Rewind to " + d.primary; }
    std::string operator()(const ResumeAsPrimary& d) const {
      return d.must_watch_first ? "Resume as primary once the Lease stayed silent" : "Resume as primary";
    }
    std::string operator()(const GiveUpLease& d) const { return "Give up the Lease: " + d.because; }
    std::string operator()(const Recover&) const { return "Read the log to its end, and tell where that is"; }
    std::string operator()(const StandForElection&) const { return "Stand for election with the log of its own reign"; }
    std::string operator()(const WaitForPrimary& d) const { return "Wait: " + d.why; }
    std::string operator()(const StayFenced&) const { return "Stay stopped: fenced"; }
    std::string operator()(const Refuse& d) const { return "Refuse: " + d.why; }
  };
  return std::visit(Text{}, decision);
}

}  // namespace cadence::postgres
