// Carries out a plan: one write after the other, in order. A failure that concerns every write stops it; after a
// refusal of one object the rest goes on, but for what needs it (plan/common/dependence.hpp). Promises: what was
// written is told to `wrote` and `removed` before the next write begins, so that the next reconcile can wait for its
// cache; a failed plan leaves a legal state; values of Secrets appear nowhere but in the request. Decides nothing.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cadence/facts/observation.hpp"
#include "cadence/plan/common/action.hpp"
#include "cadence/plan/common/refusals.hpp"
#include "kube/client/client.hpp"
#include "kube/types/core.hpp"

namespace cadence::apply {

inline constexpr const char* kFieldManager = "cadence-operator";
inline constexpr const char* kStatusFieldManager = "cadence-operator/status";
inline constexpr const char* kLabelFieldManager = "cadence-operator/role";

struct Failure {
  facts::ChildId object;
  base::Error error;
};

struct Outcome {
  std::size_t done = 0;    // actions carried out
  std::string first_done;  // the first one's `why`
  std::vector<plan::Refusal> refused;
  std::vector<facts::ChildId> waiting;  // objects of writes that need one that was refused
  std::optional<Failure> failure;
};

// The ways out of a plan other than the API server, and those who want to know.
struct Surroundings {
  // sends a command to the node that it names
  std::function<base::Result<void>(const redis::plan::Command&)> run_redis;
  // What a Secret of ours held when it was last whole, as far as this process has seen it; none: nobody remembers.
  std::function<std::optional<kube::types::Secret>(const std::string& name)> remembered = {};
  std::function<void(const kube::core::KindInfo&, const json::Value& object)> wrote;
  std::function<void(const kube::core::KindInfo&, const std::string& uid)> removed;
  std::function<void(const plan::Action&, const base::Error* failure)> finished;
};

class Applier {
 public:
  Applier(kube::client::Client& client, const base::Clock& clock) : client_(client), clock_(clock) {}

  Outcome run(const plan::Plan& plan, const std::string& namespace_, const Surroundings& around, std::stop_token stop);

 private:
  // One run, as each of its steps sees it.
  struct Run {
    const std::string& namespace_;
    const Surroundings& around;
    std::stop_token stop;
  };
  // One for each kind of step, so that a new kind does not compile before it can be carried out.
  base::Result<void> carry_out(const plan::ApplyObject& step, const Run& run);
  base::Result<void> carry_out(const plan::LabelObject& step, const Run& run);
  base::Result<void> carry_out(const plan::PatchObject& step, const Run& run);
  base::Result<void> carry_out(const plan::PruneSlices& step, const Run& run);
  base::Result<void> carry_out(const plan::ReplaceObject& step, const Run& run);
  base::Result<void> carry_out(const plan::DeleteObject& step, const Run& run);
  base::Result<void> carry_out(const plan::MakeSecret& step, const Run& run);
  base::Result<void> carry_out(const plan::ChangeSecret& step, const Run& run);
  static base::Result<void> carry_out(const plan::RunRedis& step, const Run& run);

  // Tells what was written, once it is seen that it can be found again.
  static base::Result<void> settle(const kube::core::KindInfo& kind, const json::Value& sent,
                                   const base::Result<json::Value>& written, const Run& run);
  base::Result<std::optional<kube::types::Secret>> known(const plan::SecretRecipe& recipe, const Run& run);

  kube::client::Client& client_;
  const base::Clock& clock_;
};

}  // namespace cadence::apply
