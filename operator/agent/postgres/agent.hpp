// The life of a PostgreSQL pod: decide, act, supervise, and again. The page to read first in this folder; boot.cpp
// leads from the volume to a running server, standby.cpp keeps a standby, candidate.cpp elects, primary.cpp reigns.
// Promises: PostgreSQL accepts writes only while the Lease is ours and fresh; however the server ends, the Lease is
// free for others as soon as no process of ours can commit, and this instance comes back by itself; SIGTERM stops it
// cleanly. One thread decides all.
#pragma once

#include <memory>

#include "agent/postgres/board.hpp"
#include "agent/postgres/children.hpp"
#include "agent/postgres/connect_probe.hpp"
#include "agent/postgres/election_round.hpp"
#include "agent/postgres/lease_keeper.hpp"
#include "agent/postgres/probe.hpp"
#include "agent/postgres/server_files.hpp"
#include "agent/postgres/settings_guard.hpp"
#include "agent/postgres/storage_probe.hpp"
#include "agent/postgres/volume.hpp"
#include "agent/postgres/volume_mark.hpp"
#include "postgres/rules/boot.hpp"
#include "postgres/rules/commit_watch.hpp"

namespace cadence::agent::postgres {

class Agent {
 public:
  Agent(const Options& options, Children& children, LeaseClient& lease_client, Board& board);
  int run();  // the exit code

 private:
  using Clock = std::chrono::steady_clock;
  enum class Ending { Again, Exit };  // what a server's end means for this process

  // boot.cpp: from the volume to a running server
  void boot();
  base::Result<rules::BootFacts> facts();
  std::int64_t timeline_of_successor(const rules::LeaseView& lease, const rules::DataDirectory& data);
  bool is_successor_lost(const rules::LeaseView& lease);
  [[nodiscard]] bool has_watched() const;
  Ending carry_out(const rules::BootDecision& decision, const rules::LeaseView& view);
  base::Result<void> initialise(const rules::LeaseView& view);
  base::Result<void> clone(const rules::Clone& decision);
  base::Result<void> may_replace(const std::string& primary);
  base::Result<void> rewind(const std::string& primary);
  base::Result<void> give_up(const rules::GiveUpLease& decision, const rules::LeaseView& view);
  base::Result<void> become_primary(const rules::LeaseView& view, bool must_watch_first);
  base::Result<void> start_server(bool is_primary);
  void greet();
  void pause(std::string message);

  // agent.cpp: with a running server
  Ending supervise();
  void look_at_server();
  void tell_log_end();
  void tend_files();
  void reload();
  std::optional<Ending> obey(const rules::LeaseView& view);
  struct Stopped {
    bool is_clean = false;
    rules::DataDirectory data;
  };
  Stopped stop_server(int first_signal);
  Ending leave(int signal, const rules::Release& release);
  Ending server_ended(int status);
  void signal_server(int signal) const;
  void tick();
  [[nodiscard]] static bool is_due(Clock::time_point& last, std::chrono::milliseconds every);
  [[nodiscard]] std::vector<std::string> others() const;
  void show(std::string state, std::string message);
  void refresh_report();
  void measure_volumes();

  // standby.cpp
  std::optional<Ending> stand_by(const rules::LeaseView& view);
  void look_at_stream();
  Ending turn_back();
  void follow(const std::string& primary);
  void tend_following(const rules::LeaseView& view);
  bool may_follow(const rules::LeaseView& view);
  std::optional<Ending> tend_stream(const rules::LeaseView& view);
  std::optional<Ending> await_successor(const rules::LeaseView& view);
  bool can_reach_for_copy(const std::string& primary);

  // candidate.cpp
  rules::SuspicionFacts suspicion_facts(const rules::LeaseView& view);
  std::optional<Ending> consider_election(const rules::LeaseView& view);
  std::optional<Ending> campaign(const rules::LeaseView& view);
  rules::MemberReport disarm(const std::string& record);
  bool stop_wal_receiver();
  base::Result<rules::MemberReport> whole_log_end();
  void answer_calls();
  std::optional<Ending> take_over(const rules::LeaseView& view, const std::string& why);
  bool promote();
  bool await_promotion();

  // commits.cpp: what a commit would meet
  void measure_commits(const Probe::Answer& answer);
  void guard_settings();

  // primary.cpp
  std::optional<Ending> reign(const rules::LeaseView& view);
  void note_reign();
  base::Result<void> bring_roles(std::chrono::milliseconds bound);
  bool set_up_roles();
  bool mend_roles();
  void tend_identity(const rules::LeaseView& view);
  void tend_measures(const rules::LeaseView& view);
  void tend_synchronous(const rules::LeaseView& view);
  std::optional<Ending> hand_over(const rules::LeaseView& view);

  const Options& options_;
  Children& children_;
  Board& board_;
  Addresses addresses_;
  Watchdog watchdog_;
  Commitment commitment_;
  Peers peers_;
  VolumeMark mark_;
  LeaseKeeper keeper_;
  DisarmCalls calls_;
  PeerServer peer_server_;
  Volume volume_;
  ServerFiles files_;
  Probe probe_;
  SettingsGuard guard_;
  StorageProbe storage_probe_;
  ConnectProbe connect_probe_;
  Report report_;

  int program_version_ = 0;
  pid_t postmaster_ = 0;
  bool is_primary_ = false;  // the server runs to accept writes; after an election: it was seen to be promoted
  bool is_promoting_ = false;
  int failed_starts_ = 0;  // in a row, of servers that ended by themselves before they served
  bool is_laid_aside_ = false;
  Passwords known_passwords_;
  std::string gone_;         // what of the application's somebody renamed or dropped
  std::string known_roles_;  // mark_of_roles() when they were last brought to their Secrets
  std::string followed_, said_, restarted_for_;
  bool has_seen_restart_ = false;
  Clock::time_point started_{}, looked_{}, tended_slots_{}, tended_roles_{}, measured_disk_{}, checked_limits_{},
      trimmed_{};

  // Standby: its stream, and the election it runs.
  struct Campaign {
    Clock::time_point since = Clock::now(), next_round{};
    rules::Suspicion suspicion = rules::Suspicion::None;
    std::string record;
    std::optional<rules::MemberReport> own;
    std::unique_ptr<ElectionRound> round;
    std::map<std::string, std::int64_t> phases;
    std::vector<std::string> waited_for;
  };
  std::optional<Campaign> campaign_;
  bool is_streaming_ = false, is_stream_steady_ = false, has_strayed_ = false, is_replay_paused_ = false;
  pid_t receiver_ = 0;
  bool is_ahead_ = false;  // the log may go beyond what the elected one had: it is compared before anything is followed
  std::int64_t followed_reign_ = -1, compared_with_ = -1;  // by the number that its promotion was given
  int refusals_ = 0, rewinds_ = 0;
  std::string stream_problem_;  // why not even a connection to the primary came about
  rules::Lsn told_end_ = 0;     // since the primary was let go of
  rules::Lsn log_end_ = 0;      // at the last look, while the database is looked for
  rules::Reach reach_ = rules::Reach::Unknown;
  rules::Repair repair_ = rules::Repair::None;
  Clock::time_point streamed_{}, reached_{}, asked_primary_{};

  // Primary
  bool is_checkpointed_ = false, is_storage_watched_ = false, is_reign_noted_ = false;
  rules::CommitWatch commit_watch_;
  std::string strange_names_;  // synchronous_standby_names of the last look, where it was not what we wrote
  Clock::time_point asked_target_{}, measured_{};
  rules::Lsn applied_at_ = 0;
  std::optional<rules::Failover> untold_;
  std::string refused_switchover_;
  std::atomic<bool> has_checkpoint_{false};
  std::atomic<bool> has_moved_{false};  // a peer was heard from another address than we knew
  std::jthread checkpointer_, greeter_;
};

}  // namespace cadence::agent::postgres
