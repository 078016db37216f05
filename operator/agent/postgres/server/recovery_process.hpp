// Whether the process that replays a server's log is at work, seen from outside: before it has reached a consistent
// state, or while it replays what lies here, it asks nobody for a stream, however long that takes. Promises: a look, no
// waiting; what cannot be seen is no work.
#pragma once

#include <sys/types.h>

namespace cadence::agent::postgres {

// It runs, waits for a disk, or is held by somebody; asleep it waits for more of the log. `postmaster`: its parent
// (proc(5), stat).
bool is_recovery_at_work(pid_t postmaster);

}  // namespace cadence::agent::postgres
