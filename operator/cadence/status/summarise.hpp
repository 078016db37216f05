// From what was seen, planned and done to the status a user reads. Pure; the only writer of conditions.
// Promises: Ready is True only when every component is Ready for this generation; lastTransitionTime moves only when a
// status flips; what changes by itself (positions, lags) is refreshed only beside other news, so that a quiet cluster
// is not written to.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cadence/api/status.hpp"
#include "cadence/facts/facts.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/plan/common/refusals.hpp"
#include "cadence/status/postgres/failover_story.hpp"

namespace cadence::status {

// What became of the plan: the object and the error where it stopped.
struct Report {
  bool has_failed = false;
  facts::ChildId object;
  base::Error error;
  std::vector<plan::Refusal> refused = {};   // writes that the API server refused while the rest went on
  std::vector<facts::ChildId> waiting = {};  // objects of those that need one of them
  std::string done = {};                     // the first one that it took, in the past tense
};

// The change of primary that this status is the first to tell; each is told once.
std::optional<postgres::Failover> fresh_failover(const facts::Observation& observation);

// What is under way, in one sentence: a write that was refused is told as refused, never as done.
std::string news_of(const plan::Plan& plan, const Report& report);

api::CadenceClusterStatus summarise(const facts::Facts& facts, const plan::Plan& plan, const Report& report,
                                    base::Wall now);

}  // namespace cadence::status
