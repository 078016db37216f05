#include "cadence/status/summarise.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cadence/facts/load_balancer.hpp"
#include "cadence/names/names.hpp"
#include "cadence/status/load_balancer/load_balancer.hpp"
#include "cadence/status/postgres/postgres.hpp"
#include "cadence/status/redis/redis.hpp"
#include "cadence/status/webhook/webhook.hpp"
#include "kube/core/conditions.hpp"

namespace cadence::status {
namespace {

using kube::core::Condition;

class Conditions {
 public:
  Conditions(const api::CadenceCluster& cluster, base::Wall now)
      : generation_(cluster.metadata.generation.value_or(0)), now_(now), list_(cluster.status.conditions) {}

  void set(const char* type, const char* status, const std::string& reason, const std::string& message) {
    Condition condition;
    condition.type = type;
    condition.status = status;
    condition.reason = reason;
    condition.message = message;
    condition.observed_generation = generation_;
    kube::core::set_condition(list_, std::move(condition), now_);
  }
  void set(const char* type, const Judgement& judgement) {
    set(type, judgement.is_ready ? "True" : "False", judgement.reason, judgement.message);
  }
  void remove(const std::string& type) {
    std::erase_if(list_, [&](const Condition& c) { return c.type == type; });
  }
  std::vector<Condition> take() { return std::move(list_); }

 private:
  std::int64_t generation_;
  base::Wall now_;
  std::vector<Condition> list_;
};

std::string gaps_of(const plan::Plan& plan, const std::string& component) {
  std::string out;
  for (const auto& gap : plan.gaps) {
    if (gap.component == component) out += (out.empty() ? "" : " ") + gap.message;
  }
  return out;
}

std::string sentences_of(const std::vector<plan::Objection>& objections) {
  std::string out;
  for (const auto& objection : objections) out += (out.empty() ? "" : " ") + objection.message;
  return out;
}

std::string problems_of(const plan::Plan& plan) {
  std::string out;
  for (const auto& error : plan.invalid)
    out += (out.empty() ? "" : "; ") + json::string_at(error, {"path"}) + ": " + json::string_at(error, {"problem"});
  return out;
}

// Whether a failed write was refused, rather than that the moment was bad.
bool is_refused(const Report& report) {
  return report.has_failed &&
         (report.error.kind == base::ErrorKind::Invalid || report.error.kind == base::ErrorKind::Forbidden);
}

std::string once_each(const std::vector<facts::ChildId>& objects) {
  std::vector<std::string> out;
  for (const auto& object : objects) {
    if (std::find(out.begin(), out.end(), object.to_string()) == out.end()) out.push_back(object.to_string());
  }
  return base::join(out, ", ");
}

// Each with its reason as far as they may differ, the others by name.
void add_refusals(const Report& report, std::vector<plan::Objection>& out) {
  constexpr std::size_t kMost = 8;
  std::vector<facts::ChildId> others;
  for (std::size_t i = 0; i < report.refused.size(); ++i) {
    if (i < kMost) out.push_back({"Refused", report.refused[i].message});
    else others.push_back(report.refused[i].object);
  }
  if (!others.empty()) out.push_back({"Refused", "Refused as well: " + once_each(others) + "."});
  if (!report.waiting.empty()) out.push_back({"Refused", "Until then these wait: " + once_each(report.waiting) + "."});
}

// The write that stopped the plan, what cannot be had as things are, what was refused while the rest went on: all of
// them, in this order.
std::vector<plan::Objection> all_objections(const plan::Plan& plan, const Report& report) {
  std::vector<plan::Objection> out;
  if (is_refused(report)) {
    const auto advice = plan::advice_on_refusal(report.error.message, "");
    out.push_back({report.error.kind == base::ErrorKind::Invalid ? "Refused" : "Forbidden",
                   report.error.message + (advice.empty() ? "" : ". " + advice)});
  }
  out.insert(out.end(), plan.objections.begin(), plan.objections.end());
  add_refusals(report, out);
  return out;
}

void set_degraded(Conditions& conditions, const plan::Plan& plan, const Report& report) {
  if (!plan.invalid.empty())
    return conditions.set("Degraded", "True", "InvalidSpec",
                          problems_of(plan) + ". The running system is left as it is: correct the spec.");
  const auto objections = all_objections(plan, report);
  if (objections.empty())
    return conditions.set("Degraded", "False", "AsExpected", "Nothing keeps the spec from being carried out.");
  conditions.set("Degraded", "True", objections.front().reason, sentences_of(objections));
}

void set_progressing(Conditions& conditions, const facts::Observation& observation, const plan::Plan& plan,
                     bool is_settled) {
  if (observation.cluster->spec.paused)
    conditions.set("Progressing", "False", "Paused", "spec.paused is true: nothing is changed.");
  else if (!plan.invalid.empty())
    conditions.set("Progressing", "False", "InvalidSpec", "Nothing is changed until the spec is correct.");
  else if (is_settled && plan.objections.empty())
    conditions.set("Progressing", "False", "Settled", "Everything is as the spec says.");
  else if (is_settled)
    conditions.set("Progressing", "False", "Settled",
                   "Everything is as the spec says, but for what condition Degraded names.");
  else
    conditions.set("Progressing", "True", "Reconciling",
                   "The cluster is being brought to what the spec says." +
                       (plan.postgres_operation.empty() ? "" : " " + plan.postgres_operation + "."));
}

// Positions move all the time: they are news only beside other news.
void keep_old_positions(const api::CadenceClusterStatus& before, api::CadenceClusterStatus& now) {
  for (auto& instance : now.postgres.instances) {
    for (const auto& old : before.postgres.instances) {
      if (old.name != instance.name) continue;
      instance.lsn = old.lsn;
      instance.lag = old.lag;
    }
  }
}

// Nothing of it failed, waits or is held back.
bool is_carried_out(const api::CadenceCluster& cluster, const plan::Plan& plan, const Report& report) {
  return !cluster.spec.paused && plan.invalid.empty() && plan.held.empty() && !report.has_failed &&
         report.refused.empty() && report.waiting.empty();
}

}  // namespace

std::string news_of(const plan::Plan& plan, const Report& report) {
  if (report.has_failed) return report.error.message;
  if (!report.done.empty()) return report.done + ".";
  if (!plan.postgres_operation.empty()) return plan.postgres_operation + ".";
  return report.refused.empty() ? "The cluster is being brought to what the spec says."
                                : report.refused.front().message;
}

std::optional<postgres::Failover> fresh_failover(const facts::Observation& observation) {
  auto story = read_failover(facts::lease_annotation(observation, postgres::kFailoverAnnotation));
  const auto& told = observation.cluster->status.postgres.last_failover;
  if (!story || (told && told->at == story->at && told->to == story->to)) return std::nullopt;
  return story;
}

api::CadenceClusterStatus summarise(const facts::Facts& facts, const plan::Plan& plan, const Report& report,
                                    base::Wall now) {
  const auto& observation = facts.seen;
  const auto& cluster = *observation.cluster;
  auto out = cluster.status;
  out.observed_generation = cluster.metadata.generation.value_or(0);
  if (is_carried_out(cluster, plan, report)) out.operator_version = CADENCE_VERSION;
  out.webhook = webhook_status(observation);
  out.load_balancer = load_balancer_status(observation);
  out.redis = redis_status(facts, plan);
  out.postgres = postgres_status(facts);
  const names::Names names(cluster.metadata.name);
  const bool has_lb = cluster.spec.load_balancer.type == "HAProxy" || facts::keeps_haproxy(observation);
  out.endpoint = has_lb ? "https://" + names.lb() + "." + cluster.metadata.namespace_ + ".svc"
                        : "http://" + names.webhook() + "." + cluster.metadata.namespace_ + ".svc";

  const std::pair<const char*, Judgement> parts[] = {{"WebhookReady", judge_webhook(observation, plan)},
                                                     {"RedisReady", judge_redis(facts, out.redis)},
                                                     {"PostgresReady", judge_postgres(facts, plan, out.postgres)},
                                                     {"LoadBalancerReady", judge_load_balancer(observation, plan)}};
  Conditions conditions(cluster, now);
  const Judgement* unready = nullptr;
  bool is_final = true;
  for (const auto& [type, judgement] : parts) {
    conditions.set(type, judgement);
    if (judgement.is_ready) continue;
    if (unready == nullptr) unready = &judgement;
    is_final = is_final && judgement.is_final;
  }
  conditions.set("BackupReady", "Unknown", "NotImplemented", gaps_of(plan, "Backup"));
  if (cluster.spec.region) conditions.set("RegionReady", "Unknown", "NotImplemented", gaps_of(plan, "Region"));
  else conditions.remove("RegionReady");
  set_degraded(conditions, plan, report);

  const bool has_pending = !plan.actions.empty() || !plan.postgres_operation.empty() || report.has_failed;
  set_progressing(conditions, observation, plan, is_final && !has_pending);
  if (!plan.invalid.empty()) conditions.set("Ready", "False", "InvalidSpec", problems_of(plan));
  else if (unready != nullptr) conditions.set("Ready", "False", unready->reason, unready->message);
  else if (has_pending && !cluster.spec.paused) conditions.set("Ready", "False", "Reconciling", news_of(plan, report));
  else
    conditions.set("Ready", "True", "AllComponentsReady",
                   "Every component is ready." + (plan.objections.empty() ? "" : " " + sentences_of(plan.objections)));
  out.conditions = conditions.take();
  auto quiet = out;
  keep_old_positions(cluster.status, quiet);
  return json::encode(quiet) == json::encode(cluster.status) ? quiet : out;
}

}  // namespace cadence::status
