// The boot gate: what must hold before the server may start on its volume. A master that comes back without its data,
// but with its identity, wipes its replicas as soon as they see it; a node that lost its name takes writes that nobody
// keeps; a log that cannot be read is restarted for ever. Promises: opens at once where nothing can be lost; where the
// volume was to keep data, what is there is moved aside only when living nodes serve all of it, or the user accepted
// its loss. Pure, but for the marker's file.
#pragma once

#include <string>

#include "agent/redis/identity.hpp"
#include "agent/redis/survey.hpp"

namespace cadence::agent::redis {

// What a volume looks like before the server starts.
struct Volume {
  Recognition who;
  bool has_data = false;
  bool keeps_data = true;  // the append-only log is on
  bool ended_well = true;  // the server's last end was a planned one
  std::string damage;      // why the server could not load what is there; empty: not known to be damaged
};

enum class Threat {
  None,
  Behind,    // led when it crashed: a copy may have more than the log here
  Emptied,   // a cache without persistence that led
  NoData,    // the log is gone
  Damaged,   // the log cannot be read
  Nameless,  // neither nodes.conf nor its copy tells who this is
};

struct Finding {
  Threat threat = Threat::None;
  Slots needed;             // served by others, all of this may go
  std::uint64_t epoch = 0;  // by claims not older than this
  std::string heirs_of;     // whose followers may be asked to lead: this node's id, if it led
  bool has_copies = false;  // other nodes had this data, too
  std::string sentence;     // for people: file, reason, way out
};

Finding judge_volume(const Volume& volume, int shard);

// The volume is new, but the cluster knows an owner of slots at this very address: all of it was lost.
Finding lost_everything(int shard);
bool leads_at(const Survey& survey, const cadence::redis::Address& self);

// Is the threat over? Never by silence.
bool is_over(const Finding& finding, const Survey& survey);

bool ended_well(const std::string& data_folder);
void mark_end(const std::string& data_folder, bool is_well);

}  // namespace cadence::agent::redis
