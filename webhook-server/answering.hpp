// What answers back to the senders of pushes, where the configuration asks for it.
#pragma once

#include <memory>

#include "config/config.hpp"
#include "feedback/sender.hpp"
#include "links/key_file.hpp"
#include "queue/store.hpp"

namespace cadence {

// Null where nobody is answered. A status has a link where the configuration says how this server is reached.
std::unique_ptr<feedback::Sender> begin_answering(queue::Store& store, const config::Config& config,
                                                  const links::Links& links, trace::Spans* spans);
void wake_up(feedback::Sender* sender);
std::string metrics_of(const feedback::Sender* sender);

}  // namespace cadence
