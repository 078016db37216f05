// The data directory: what is in it, how it comes into being by initdb or pg_basebackup, and how it rejoins by
// pg_rewind. Promises: it is made beside its place and renamed when complete and synced, so a crash leaves the old or
// the new; an unfinished rewind is remembered, so that no server ever starts on its result. Starts no server.
#pragma once

#include "agent/postgres/server/children.hpp"
#include "agent/postgres/server/server_files.hpp"
#include "agent/postgres/volume/files.hpp"
#include "agent/postgres/volume/timelines.hpp"
#include "agent/postgres/volume/volume_mark.hpp"
#include "postgres/rules/boot.hpp"

namespace cadence::agent::postgres {

class Volume final : public VolumePort {
 public:
  // `files` is not touched before it is needed: it may be made later.
  Volume(const Options& options, Children& children, const ServerFiles& files, VolumeMark& mark)
      : options_(options), children_(children), files_(files), mark_(mark) {}
  ~Volume() override;
  Volume(const Volume&) = delete;
  Volume& operator=(const Volume&) = delete;

  // Nobody else may use the volume while we live: another pod on this node could have it mounted too. Idempotent.
  base::Result<void> lock() override;
  base::Result<int> program_version() override;  // major version of the installed server
  // What the server says against a settings file, one line; empty when it would start with it.
  std::string check_settings(const std::string& path);
  base::Result<rules::DataDirectory> inspect() override;
  base::Result<void> initialise(const Tick& tick) override;
  // Connects to `primary` as a standby does: its database's system identifier. An error is its, the network's or the
  // password's fault, never the data's.
  base::Result<std::string> identify(const std::string& primary, const Tick& tick) override;
  // Connects as a rewind does; an error says as little about the data.
  base::Result<void> reach_for_rewind(const std::string& primary, const Tick& tick) override;
  // The disk has room for the present data and a new copy.
  [[nodiscard]] bool can_hold_both() const override;
  // Begins a base backup of `primary` and drops it: another copy can be had, and the volume can hold it once what is
  // there is gone.
  base::Result<void> prove_copy(const std::string& primary, const Tick& tick) override;
  // A base backup of `primary` as a standby; Invalid when it turned out to be another database than
  // `system_identifier`. What is there goes only when the copy is complete, or first where the disk cannot hold both.
  base::Result<void> clone(const std::string& primary, const std::string& system_identifier, bool replaces_data,
                           const Tick& tick) override;
  // Makes the data a standby's of `primary`: undoes what only we have, or nothing where nothing is. May be repeated
  // after a failure.
  base::Result<void> rewind(const std::string& primary, const Tick& tick) override;
  [[nodiscard]] bool is_rewind_unfinished() const override;
  [[nodiscard]] bool is_standby() const override;  // its server has not been promoted
  // A primary's data, too, is read to its end without anybody writing to it.
  base::Result<void> become_standby() override;
  base::Result<void> cease_to_be_standby() override;
  // That we were primary on this timeline, until a comparison with a successor or a copy makes an end of it.
  base::Result<void> note_reign(std::int64_t timeline) override;
  // That its server was promoted, and nobody had elected it, until it is undone.
  base::Result<void> note_straying() override { return write_file(stray_mark(), "", 0600); }
  // Where the log has a volume of its own, it is brought there. Before anything else happens to the data.
  base::Result<void> place_wal(const Tick& tick) override;
  // Before each start: what ALTER SYSTEM or an earlier life left behind.
  base::Result<void> tidy() override;

  base::Result<void> take_mark() override { return mark_.take(); }
  [[nodiscard]] rules::Milliseconds mark_age() const override { return mark_.age(); }
  [[nodiscard]] bool is_empty() const override { return is_empty_directory(options_.data_directory); }
  [[nodiscard]] std::vector<rules::LogPoint> history_of(std::int64_t timeline) const override {
    return postgres::history_of(options_.data_directory, timeline);
  }
  [[nodiscard]] std::int64_t newest_timeline() const override {
    return postgres::newest_timeline(options_.data_directory);
  }
  base::Result<void> pass_over_timelines(std::int64_t next) override {
    return postgres::pass_over_timelines(options_.data_directory, next);
  }
  [[nodiscard]] rules::DiskUse use_of(const std::string& folder) const override;

 private:
  [[nodiscard]] std::string program(const std::string& name) const { return options_.program_directory + "/" + name; }
  [[nodiscard]] std::string beside() const { return options_.data_directory + ".new"; }
  [[nodiscard]] std::string rewind_mark() const { return options_.data_directory + ".rewinding"; }
  [[nodiscard]] std::string reign_mark() const { return options_.data_directory + ".reign"; }
  [[nodiscard]] std::string stray_mark() const { return options_.data_directory + ".strayed"; }
  base::Result<std::string> ask(const std::string& conninfo, const std::string& question,
                                std::map<std::string, std::string> environment, const Tick& tick);
  base::Result<void> run(const Command& command, std::chrono::milliseconds at_most, const Tick& tick);
  base::Result<void> make_room(bool replaces_data);
  base::Result<void> put_in_place();
  base::Result<rules::DataDirectory> inspect(const std::string& folder);

  const Options& options_;
  Children& children_;
  const ServerFiles& files_;
  VolumeMark& mark_;
  int lock_ = -1;
};

}  // namespace cadence::agent::postgres
