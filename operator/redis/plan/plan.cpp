#include "redis/plan/plan.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "redis/plan/rules.hpp"

namespace cadence::redis::plan {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kSoon{250};  // gossip settles in a few hundred milliseconds
constexpr milliseconds kPatiently{1000};
constexpr milliseconds kHealthy{10000};

Plan finish(Plan plan, Phase phase, std::string message, milliseconds requeue_after) {
  plan.phase = has_blocker(plan) ? Phase::Frozen : phase;
  plan.message = has_blocker(plan) && plan.commands.empty() ? plan.problems.back().message : std::move(message);
  plan.requeue_after = requeue_after;
  return plan;
}

Plan with_commands(Plan plan, Phase phase) {
  auto message = plan.commands.front().why;
  return finish(std::move(plan), phase, std::move(message), kSoon);
}

int pods_expected(const DesiredTopology& desired, int shards) { return shards * (1 + desired.replicas_per_shard); }

bool all_exist(const DesiredTopology& desired, const Observation& observation, int shards) {
  const auto is_staying = [&](const PodView& pod) { return pod.shard < shards && !pod.is_going; };
  const auto staying = std::count_if(observation.pods.begin(), observation.pods.end(), is_staying);
  return staying >= pods_expected(desired, shards);
}

// What agents say that keep their servers shut: for people, while everything else goes on.
void name_shut_pods(const Observation& observation, Plan& plan) {
  for (const auto& pod : observation.pods) {
    if (is_shut(pod))
      plan.problems.push_back({kNodeShut, pod.name + " stays shut: " + std::get<Unreachable>(pod.probe).reason});
  }
}

Plan plan_formation(const Facts& facts) {
  Plan plan;
  // Slots of a pod that is merely late must not be given away.
  if (!facts.picture.silent().empty()) return finish(plan, Phase::Waiting, why_silent(facts.picture), kSoon);
  if (!facts.all_answer) return finish(plan, Phase::Waiting, "Waiting for all pods of Redis to exist", kPatiently);
  find_strangers(facts, plan);
  if (has_blocker(plan)) return finish(std::move(plan), Phase::Frozen, "", kPatiently);
  set_epochs(facts, plan);
  const bool are_joining = join_members(facts, plan);
  if (!plan.commands.empty()) return with_commands(std::move(plan), Phase::Forming);
  if (are_joining) return finish(std::move(plan), Phase::Forming, "Waiting for the nodes to greet each other", kSoon);
  give_unowned_slots(facts, plan);
  if (!plan.commands.empty()) return with_commands(std::move(plan), Phase::Forming);
  return finish(std::move(plan), Phase::Forming, "Waiting for a master in each shard", kSoon);
}

Plan plan_repair(const Facts& facts) {
  Plan plan;
  plan.is_formed = true;
  if (facts.shards != facts.desired.shards) {
    const auto formed = std::to_string(facts.shards);
    plan.problems.push_back({kNotImplemented, "Redis was formed with " + formed + " shards; changing it to " +
                                                  std::to_string(facts.desired.shards) +
                                                  " needs slots to be moved, which this version cannot do. It stays as "
                                                  "it is: set spec.redis.shards back to " +
                                                  formed});
  }
  find_strangers(facts, plan);
  if (has_blocker(plan)) return finish(std::move(plan), Phase::Frozen, "", kPatiently);
  take_over(facts, plan);
  if (!plan.commands.empty()) return with_commands(std::move(plan), Phase::Healing);
  if (facts.picture.slots_by_owner().empty()) set_epochs(facts, plan);
  const bool are_joining = join_members(facts, plan);
  if (!plan.commands.empty()) return with_commands(std::move(plan), Phase::Healing);
  if (!are_joining) {
    judge_silent_owners(facts, plan);
    judge_unowned_slots(facts, plan);
    if (plan.commands.empty()) attach_replicas(facts, plan);
    if (plan.commands.empty()) forget_ghosts(facts, plan);
  }
  if (!plan.commands.empty()) return with_commands(std::move(plan), Phase::Healing);
  if (are_joining) return finish(std::move(plan), Phase::Healing, "Waiting for the nodes to greet each other", kSoon);
  name_moving_slots(facts, plan);
  auto missing = what_is_missing(facts);
  if (missing.empty())
    return finish(std::move(plan), Phase::Healthy, "All slots are served and all copies are in step", kHealthy);
  return finish(std::move(plan), Phase::Healing, std::move(missing), kSoon);
}

}  // namespace

bool has_blocker(const Plan& plan) {
  return std::any_of(plan.problems.begin(), plan.problems.end(), [](const Problem& problem) {
    return problem.reason != kNotImplemented && problem.reason != kNodeShut && problem.reason != kSlotsMoving;
  });
}

Command command_for(const Member& member, CommandStep step, std::string why) {
  return {.pod = member.pod->name,
          .node_id = member.id(),
          .address = member.address(),
          .step = std::move(step),
          .why = std::move(why)};
}

bool is_active(const Facts& facts, const Member& member) { return member.pod->shard < facts.shards; }

bool may_start_empty(const Facts& facts, int shard) {
  return facts.desired.is_cache || facts.desired.accept_data_loss.contains(shard);
}

// The others are in touch with it over the bus, which needs its event loop: it lives, and holds its clients back.
bool holds_clients_back(const Picture& picture, const PodView& pod) {
  if (std::get<Unreachable>(pod.probe).silence != Silence::TimedOut) return false;
  const auto& members = picture.members();
  return !members.empty() && std::all_of(members.begin(), members.end(), [&](const Member& member) {
    const auto& nodes = member.node->nodes;
    return std::any_of(nodes.begin(), nodes.end(), [&](const NodeEntry& entry) {
      return entry.address == pod.address && entry.is_link_up && !entry.is_suspected && !entry.is_failed;
    });
  });
}

std::string why_silent(const Picture& picture) {
  std::vector<const PodView*> refusing, shut, busy, paused, quiet;
  for (const auto* pod : picture.silent()) {
    const auto silence = std::get<Unreachable>(pod->probe).silence;
    const bool refuses = silence == Silence::Forbidden, is_busy = silence == Silence::Busy;
    const bool is_paused = holds_clients_back(picture, *pod);
    (refuses ? refusing : is_shut(*pod) ? shut : is_busy ? busy : is_paused ? paused : quiet).push_back(pod);
  }
  std::vector<std::string> out;
  if (!refusing.empty())
    out.push_back("Redis in " + names_of(refusing) +
                  " refuses the operator's password: its agent has not taken the one of the Secret yet");
  if (!shut.empty()) out.push_back(names_of(shut) + " is kept shut by its agent until its data is safe elsewhere");
  if (!busy.empty())
    out.push_back("Redis in " + names_of(busy) +
                  " runs a script that does not end: its agent ends it after 30 s, unless it has written; such a one "
                  "only the deletion of the pod ends, and takes back what it wrote");
  if (!paused.empty())
    out.push_back("Redis in " + names_of(paused) +
                  " is in touch with the other nodes and does not answer the operator: somebody's CLIENT PAUSE holds "
                  "its commands back (the kubelet starts it again after three minutes), or something between keeps the "
                  "operator from port 6379");
  if (!quiet.empty()) out.push_back("Waiting for Redis in " + names_of(quiet) + " to answer");
  return base::join(out, ". ");
}

std::string names_of(const std::vector<const PodView*>& pods) {
  std::string out;
  for (const auto* pod : pods) out += (out.empty() ? "" : ", ") + pod->name;
  return out;
}

bool is_shut(const PodView& pod) {
  const auto* silence = std::get_if<Unreachable>(&pod.probe);
  return silence != nullptr && silence->silence == Silence::Shut;
}

namespace {

Plan plan_by_picture(const DesiredTopology& desired, const Observation& observation) {
  const Picture picture(observation);
  if (picture.has_duplicate_ids()) {
    Plan plan;
    plan.is_formed = desired.was_formed;
    plan.problems.push_back({"Ambiguous",
                             "Two pods answer with the same Redis node id: one volume is a copy of the other. Delete "
                             "the pod that should not be, with its volume"});
    return finish(std::move(plan), Phase::Frozen, "", kPatiently);
  }
  if (picture.members().empty()) {
    Plan plan;
    plan.is_formed = desired.was_formed;
    const bool is_empty = picture.silent().empty();
    return finish(std::move(plan), Phase::Waiting,
                  is_empty ? "Waiting for a pod of Redis to exist" : why_silent(picture), kPatiently);
  }
  const bool is_covered = picture.unowned().empty();
  const int recorded = desired.was_formed && desired.formed_shards > 0 ? desired.formed_shards : desired.shards;
  const int shards = is_covered ? static_cast<int>(picture.slots_by_owner().size()) : recorded;
  const bool exist = all_exist(desired, observation, shards);
  const auto& silent = picture.silent();
  const bool all_tell =
      exist && std::all_of(silent.begin(), silent.end(), [](const PodView* pod) { return is_shut(*pod); });
  const Facts facts{.desired = desired,
                    .picture = picture,
                    .shards = shards,
                    .all_answer = exist && silent.empty(),
                    .all_tell = all_tell};
  return is_covered || desired.was_formed ? plan_repair(facts) : plan_formation(facts);
}

}  // namespace

Plan plan_redis(const DesiredTopology& desired, const Observation& observation) {
  auto plan = plan_by_picture(desired, observation);
  name_shut_pods(observation, plan);
  return plan;
}

std::string_view to_string(Phase phase) {
  switch (phase) {
    case Phase::Waiting:
      return "Waiting";
    case Phase::Forming:
      return "Forming";
    case Phase::Healing:
      return "Healing";
    case Phase::Frozen:
      return "Frozen";
    case Phase::Healthy:
      return "Healthy";
  }
  return "";
}

std::string to_text(const Plan& plan) {
  std::string out = std::string(to_string(plan.phase)) + ": " + plan.message + "\n";
  for (const auto& problem : plan.problems) out += "  ! " + problem.reason + ": " + problem.message + "\n";
  for (const auto& command : plan.commands) out += "  " + redis::to_text(command) + "\n";
  return out;
}

}  // namespace cadence::redis::plan
