#include "agent/postgres/volume/volume.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "agent/postgres/volume/files.hpp"
#include "agent/postgres/volume/shadows.hpp"
#include "agent/postgres/volume/timelines.hpp"
#include "agent/postgres/volume/wal_volume.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;
using rules::DataDirectory;

constexpr std::chrono::minutes kInitialiseLimit{10};
constexpr std::chrono::hours kCloneLimit{24};  // a large database over a slow network; a stop ends it at once
constexpr std::chrono::seconds kShortLimit{30};
constexpr std::chrono::hours kRewindLimit{2};
constexpr std::chrono::minutes kProofLimit{5};  // the checkpoint that a backup begins with is most of it

struct Room {
  std::uintmax_t used = 0, available = 0;  // by the data; beside it
};

std::optional<Room> room_of(const std::string& folder) {
  std::error_code code;
  Room out;
  for (std::filesystem::recursive_directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    if (at->is_regular_file(code)) out.used += at->file_size(code);
  }
  out.available = std::filesystem::space(std::filesystem::path(folder).parent_path(), code).available;
  return code ? std::nullopt : std::optional(out);
}

// The size that pg_basebackup tells with its progress, "17/31234 kB (0%), 0/1 tablespace", in bytes; 0 where it tells
// none.
std::uintmax_t told_size(const std::string& output) {
  const auto unit = output.find(" kB");
  const auto slash = unit == std::string::npos ? unit : output.rfind('/', unit);
  if (slash == std::string::npos) return 0;
  return static_cast<std::uintmax_t>(base::parse_integer(output.substr(slash + 1, unit - slash - 1)).value_or(0)) *
         1024;
}

// What a program says it failed of: its last line with an error, for others follow that only say more.
std::string complaint_of(const std::string& output) {
  std::string out;
  for (const auto& line : base::split(output, '\n')) {
    if (line.find("error:") != std::string::npos || line.find("FATAL:") != std::string::npos)
      out = std::string(base::trim(line));
  }
  return out.empty() ? "it failed without a word" : out;
}

}  // namespace

base::Result<void> Volume::run(const Command& command, std::chrono::milliseconds at_most, const Tick& tick) {
  const auto ended = children_.run(command, at_most, tick);
  if (!ended) return ended.error();
  if (ended->is_success()) return {};
  return Error{ErrorKind::Transient,
               command.arguments[0] + " failed with " + describe_status(ended->status) + "; its output is in the log"};
}

Volume::~Volume() {
  if (lock_ >= 0) ::close(lock_);
}

base::Result<void> Volume::lock() {
  if (lock_ >= 0) return {};
  const auto path = options_.data_directory + ".lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Error{ErrorKind::Transient, "Could not open " + path + ": " + std::strerror(errno)};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return Error{ErrorKind::Transient, "another process uses this volume: " + path + " is locked"};
  }
  lock_ = fd;
  return {};
}

base::Result<int> Volume::program_version() {
  const auto ended = children_.run({{program("postgres"), "--version"}, {}, true, false}, kShortLimit, {});
  if (!ended) return ended.error();
  // "postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)"
  const auto at = ended->output.find(") ");
  const auto number =
      at == std::string::npos ? std::nullopt : base::parse_integer(base::split(ended->output.substr(at + 2), '.')[0]);
  if (!number)
    return Error{ErrorKind::Invalid,
                 "Could not read the version of " + program("postgres") + " from '" + ended->output + "'"};
  return static_cast<int>(*number);
}

std::string Volume::check_settings(const std::string& path) {
  const auto complaint = [&](const std::string& asked, const std::string& folder, bool loads) {
    Command command{
        {program("postgres"), "-C", asked, "-D", folder, "-c", "config_file=" + path}, {}, true, false, true};
    if (loads) command.arguments.insert(command.arguments.end(), {"-c", "ssl=off"});
    const auto ended = children_.run(command, kShortLimit, {});
    return !ended || ended->is_success() ? std::string() : rules::complaint_in(ended->output);
  };
  if (auto said = complaint("data_directory", options_.run_directory, false); !said.empty()) return said;
  const auto text = read_file(path);
  if (!text || text->find("shared_preload_libraries") == std::string::npos) return {};
  // To say how much memory it needs a server loads its libraries. It wants a folder that no server has open.
  const auto beside = options_.run_directory + "/candidate";
  for (const char* name : {"", "/global"})
    if (!make_directory(beside + name, 0700)) return {};
  for (const char* name : {"/PG_VERSION", "/global/pg_control"}) {
    const auto content = read_file(options_.data_directory + name);
    if (!content || !write_file(beside + name, *content, 0600)) return {};
  }
  return complaint("shared_memory_size", beside, true);
}

base::Result<DataDirectory> Volume::inspect() { return inspect(options_.data_directory); }

base::Result<DataDirectory> Volume::inspect(const std::string& folder) {
  DataDirectory out;
  if (is_empty_directory(folder)) return out;
  out.state = DataDirectory::State::Foreign;
  const auto version = read_file(folder + "/PG_VERSION");
  const auto number = version ? base::parse_integer(base::trim(*version)) : std::nullopt;
  if (!number) {
    out.problem = folder + "/PG_VERSION is missing or unreadable";
    return out;
  }
  if (!exists(folder + "/global/pg_control")) {
    out.problem = folder + "/global/pg_control is missing";
    return out;
  }
  const auto control = children_.run({{program("pg_controldata"), "-D", folder}, {}, true, false}, kShortLimit, {});
  if (!control) return control.error();
  auto parsed = rules::parse_control_data(control->output);
  if (!parsed) {
    // Another major version's tool may not read it; the version alone then leads to the right refusal.
    out.state = DataDirectory::State::Database;
    out.major_version = static_cast<int>(*number);
    out.problem = parsed.error().message;
    return out;
  }
  out = *parsed;
  out.major_version = static_cast<int>(*number);
  out.is_standby = exists(folder + "/standby.signal");
  out.is_wal_lost = is_wal_lost(folder);
  // The history of its new timeline is the first that a promotion writes.
  out.was_in_recovery = out.was_in_recovery && postgres::newest_timeline(folder) <= out.timeline;
  out.is_strayed = exists(stray_mark());
  if (const auto reign = read_file(reign_mark())) out.reign = base::parse_integer(base::trim(*reign)).value_or(0);
  return out;
}

base::Result<std::string> Volume::ask(const std::string& conninfo, const std::string& question,
                                      std::map<std::string, std::string> environment, const Tick& tick) {
  const auto ended = children_.run({{program("psql"), "-XAtqw", "--dbname=" + conninfo, "--command=" + question},
                                    std::move(environment),
                                    true,
                                    true,
                                    true},
                                   kShortLimit, tick);
  if (!ended) return ended.error();
  if (!ended->is_success()) return Error{ErrorKind::Transient, complaint_of(ended->output)};
  return std::string(base::trim(ended->output));
}

base::Result<std::string> Volume::identify(const std::string& primary, const Tick& tick) {
  const auto answer = ask(files_.conninfo_to(primary) + " replication=true", "IDENTIFY_SYSTEM", {}, tick);
  if (!answer) return answer.error().with_context("Could not connect to " + primary + " as a standby");
  return base::split(*answer, '|')[0];
}

base::Result<void> Volume::reach_for_rewind(const std::string& primary, const Tick& tick) {
  const auto answer =
      ask(files_.rewind_conninfo_to(primary), "SELECT 1", {{"PGPASSFILE", files_.rewind_password_file()}}, tick);
  if (!answer) return answer.error().with_context("Could not connect to " + primary + " to compare the data");
  return {};
}

// With a tenth to spare: the primary may have grown meanwhile.
bool Volume::can_hold_both() const {
  const auto room = room_of(options_.data_directory);
  return room && room->available > room->used + room->used / 10;
}

base::Result<void> Volume::prove_copy(const std::string& primary, const Tick& tick) {
  // In the run folder, where there is room for the first file even when the volume is full to the last byte.
  const auto folder = options_.run_directory + "/proof";
  if (auto removed = remove_tree(folder); !removed) return removed;
  const Command begin{{program("pg_basebackup"), "--pgdata=" + folder, "--wal-method=none", "--checkpoint=fast",
                       "--max-rate=32", "--progress", "--no-password", "--dbname=" + files_.conninfo_to(primary)},
                      {},
                      true,
                      true,
                      true,
                      [&] { return exists(folder + "/backup_label"); }};
  const auto begun = children_.run(begin, kProofLimit, tick);
  if (auto removed = remove_tree(folder); !removed) return removed;
  if (!begun) return begun.error();
  if (!begun->is_success())
    return Error{ErrorKind::Transient, primary + " gave no base backup: " + complaint_of(begun->output)};
  const auto room = room_of(options_.data_directory);
  const auto size = told_size(begun->output);
  if (!room || size <= room->used + room->available) return {};
  return Error{ErrorKind::Invalid, "the database of " + primary + " has " + std::to_string(size >> 20) +
                                       " MiB, more than the volume here can hold: enlarge it"};
}

base::Result<void> Volume::make_room(bool replaces_data) {
  // Only an unfinished attempt of ours carries this name; no server ever ran on it.
  if (auto removed = remove_tree(beside()); !removed) return removed;
  if (is_empty_directory(options_.data_directory)) return {};
  if (!replaces_data) return Error{ErrorKind::Bug, options_.data_directory + " is not empty: it is not written over"};
  if (can_hold_both()) return {};
  base::log_warning("Removed data that could not rejoin before copying: the volume cannot hold both",
                    {{"data", options_.data_directory}});
  return remove_tree(options_.data_directory);
}

base::Result<void> Volume::put_in_place() {
  const auto old = options_.data_directory + ".old";
  if (!is_empty_directory(options_.data_directory)) {
    if (auto cleared = remove_tree(old); !cleared) return cleared;
    if (auto moved = rename_durably(options_.data_directory, old); !moved) return moved;
  }
  // An empty directory may be there; rename replaces it only while it is empty.
  if (auto done = rename_durably(beside(), options_.data_directory); !done) return done;
  ::unlink(rewind_mark().c_str());
  ::unlink(reign_mark().c_str());
  ::unlink(stray_mark().c_str());
  return remove_tree(old);
}

base::Result<void> Volume::initialise(const Tick& tick) {
  if (auto room = make_room(false); !room) return room;
  const Command command{
      {program("initdb"), "--pgdata=" + beside(), "--username=postgres", "--pwfile=" + files_.superuser_password_path(),
       "--auth-local=peer", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"},
      {},
      false};
  if (auto done = run(command, kInitialiseLimit, tick); !done)
    return done.error().with_context("Could not initialise the database");
  return put_in_place();
}

base::Result<void> Volume::clone(const std::string& primary, const std::string& system_identifier, bool replaces_data,
                                 const Tick& tick) {
  const auto found = identify(primary, tick);
  if (!found) return found.error();
  if (*found != system_identifier)
    return Error{ErrorKind::Invalid, primary + " has database " + *found + ", the Lease says " + system_identifier};
  // Under no instance's name: a copy that is not complete is no standby, and no commit may count on it.
  const auto conninfo = files_.conninfo_to(primary) + " application_name=copy";
  const auto slot = files_.slot();
  // The slot first, so that no WAL is lost between the copy and the first streaming.
  const Command make_slot{{program("pg_receivewal"), "--create-slot", "--if-not-exists", "--slot=" + slot,
                           "--no-password", "--dbname=" + conninfo},
                          {},
                          false};
  if (auto done = run(make_slot, kShortLimit, tick); !done)
    return done.error().with_context("Could not make slot " + slot + " on " + primary);
  if (auto room = make_room(replaces_data); !room) return room;
  const Command copy{{program("pg_basebackup"), "--pgdata=" + beside(), "--wal-method=stream", "--slot=" + slot,
                      "--checkpoint=fast", "--no-password", "--dbname=" + conninfo},
                     {},
                     false};
  if (auto done = run(copy, kCloneLimit, tick); !done)
    return done.error().with_context("Could not copy the database from " + primary);
  const auto copied = inspect(beside());
  if (!copied) return copied.error();
  if (copied->system_identifier != system_identifier) {
    return Error{ErrorKind::Invalid,
                 primary + " has database " + copied->system_identifier + ", the Lease says " + system_identifier};
  }
  if (auto marked = write_file(beside() + "/standby.signal", "", 0600); !marked) return marked;
  return put_in_place();
}

bool Volume::is_rewind_unfinished() const {
  return exists(rewind_mark()) ||
         (is_empty_directory(options_.data_directory) && exists(options_.data_directory + ".old"));
}

base::Result<void> Volume::rewind(const std::string& primary, const Tick& tick) {
  if (auto tidied = tidy(); !tidied) return tidied;
  if (auto marked = write_file(rewind_mark(), primary + "\n", 0600); !marked) return marked;
  const auto signal = options_.data_directory + "/standby.signal";
  ::unlink(signal.c_str());  // the recovery that pg_rewind runs first refuses standbys
  const Command command{{program("pg_rewind"), "--target-pgdata=" + options_.data_directory,
                         "--source-server=" + files_.rewind_conninfo_to(primary),
                         "--config-file=" + files_.settings_path(), "--progress"},
                        {{"PGPASSFILE", files_.rewind_password_file()}},
                        false};
  if (auto done = run(command, kRewindLimit, tick); !done)
    return done.error().with_context("Could not rewind to " + primary);
  if (auto written = write_file(signal, "", 0600); !written) return written;
  ::unlink(reign_mark().c_str());
  ::unlink(stray_mark().c_str());
  if (::unlink(rewind_mark().c_str()) != 0)
    return Error{ErrorKind::Transient, "Could not remove " + rewind_mark() + ": " + std::strerror(errno)};
  return {};
}

// PostgreSQL removes it in the midst of a promotion, before it writes to the new timeline.
bool Volume::is_standby() const { return exists(options_.data_directory + "/standby.signal"); }

base::Result<void> Volume::become_standby() {
  const auto signal = options_.data_directory + "/standby.signal";
  return is_standby() ? base::ok() : write_file(signal, "", 0600);
}

base::Result<void> Volume::cease_to_be_standby() {
  const auto signal = options_.data_directory + "/standby.signal";
  if (::unlink(signal.c_str()) != 0 && errno != ENOENT)
    return Error{ErrorKind::Transient, "Could not remove " + signal + ": " + std::strerror(errno)};
  return {};
}

base::Result<void> Volume::note_reign(std::int64_t timeline) {
  const auto text = std::to_string(timeline) + "\n";
  const auto known = read_file(reign_mark());
  return known && *known == text ? base::ok() : write_file(reign_mark(), text, 0600);
}

base::Result<void> Volume::place_wal(const Tick& tick) {
  if (options_.wal_volume.empty() || !exists(options_.data_directory + "/global/pg_control")) return {};
  return postgres::place_wal(options_.data_directory, options_.wal_volume, tick);
}

base::Result<void> Volume::tidy() {
  // A kubelet that gives a volume to fsGroup opens it to the group, and PostgreSQL refuses to start on such a
  // directory.
  if (auto closed = make_directory(options_.data_directory, 0700); !closed) return closed;
  const auto path = options_.data_directory + "/postgresql.auto.conf";
  const auto text = read_file(path);
  if (text) {
    const auto kept = rules::without_owned_parameters(*text);
    if (kept != *text) {
      if (auto written = write_file(path, kept, 0600); !written) return written;
    }
  }
  if (auto tidied = tidy_timelines(options_.data_directory); !tidied) return tidied;
  const auto removed = remove_shadows(options_.data_directory);
  if (!removed) return removed.error();
  for (const auto& name : *removed)
    base::log_warning("Removed a segment of the log that a crash had cut short: the older timeline's holds all of it",
                      {{"file", name}});
  const auto foreign_signal = options_.data_directory + "/recovery.signal";
  if (::unlink(foreign_signal.c_str()) == 0)
    base::log_warning("Removed a file that would have led the server astray", {{"file", foreign_signal}});
  // A pid file of an earlier container: alone in our pid namespace, no other server can be running on this volume's
  // files.
  if (::getpid() == 1) ::unlink((options_.data_directory + "/postmaster.pid").c_str());
  return {};
}

rules::DiskUse Volume::use_of(const std::string& folder) const {
  struct statvfs volume {};
  if (::statvfs(folder.c_str(), &volume) != 0) return {};
  return {static_cast<std::int64_t>(volume.f_blocks * volume.f_frsize),
          static_cast<std::int64_t>(volume.f_bavail * volume.f_frsize)};
}

}  // namespace cadence::agent::postgres
