// What the planners want to know of a cluster beyond the caches, for whoever observes it.
#pragma once

#include "cadence/observe/observer.hpp"

namespace cadence::reconcile {

observe::Wishes planners_wishes();

}  // namespace cadence::reconcile
