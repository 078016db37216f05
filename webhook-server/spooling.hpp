// The spool that the configuration asks for, and its end.
#pragma once

#include <signal.h>

#include <functional>
#include <memory>

#include "base/result.hpp"
#include "config/config.hpp"
#include "queue/spool_drain.hpp"

namespace cadence {

// Null where deliveries are refused instead.
base::Result<std::unique_ptr<queue::Spool>> open_spool(const config::Config& config);

// Null where there is no spool.
std::unique_ptr<queue::SpoolDrain> begin_taking(queue::Store& store, queue::Spool* spool,
                                                std::function<void()> on_queued);
void wake_up(queue::SpoolDrain* drain);

// What was acknowledged is owed a job: waits until the store has taken the spool, for the configured time or until a
// further signal. Then says what stays where.
void empty_spool(queue::SpoolDrain& drain, const queue::Spool& spool, const config::Config& config,
                 const sigset_t& signals);

}  // namespace cadence
