// What a sender has done, as Prometheus text (exposition format 0.0.4). Pure.
#pragma once

#include <string>

#include "feedback/sender.hpp"

namespace cadence::feedback {

std::string metrics_text(const SenderState& state);

}  // namespace cadence::feedback
