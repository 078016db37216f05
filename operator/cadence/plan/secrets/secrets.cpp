#include "cadence/plan/secrets/secrets.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "cadence/plan/secrets/rotation.hpp"
#include "kube/types/core.hpp"
#include "postgres/rules/logins.hpp"

namespace cadence::plan {
namespace {

using names::Names;

json::Value metadata_of(const api::CadenceCluster& cluster, const std::string& name, const std::string& component) {
  kube::core::ObjectMeta meta;
  meta.name = name;
  meta.namespace_ = cluster.metadata.namespace_;
  meta.labels = names::labels_of(cluster.metadata.name, component);
  meta.owner_references = {names::owner_of(cluster)};
  return json::encode(meta);
}

// A Service is found under three lengths of name.
std::vector<std::string> service_names(const std::string& service, const std::string& ns) {
  return {service, service + "." + ns, service + "." + ns + ".svc", service + "." + ns + ".svc.cluster.local"};
}

SecretRecipe certificate(const api::CadenceCluster& cluster, const std::string& name, const std::string& component,
                         std::vector<std::string> dns_names) {
  const Names names(cluster.metadata.name);
  return {name, metadata_of(cluster, name, component),
          SecretRecipe::Certificate{names.ca(), dns_names.front(), std::move(dns_names)}, ""};
}

std::vector<std::string> postgres_names(const Names& names, const std::string& ns) {
  std::vector<std::string> out;
  for (const auto& service : {names.postgres_rw(), names.postgres_ro(), names.postgres_r(), names.postgres()}) {
    for (auto& name : service_names(service, ns)) out.push_back(std::move(name));
  }
  for (const char* suffix : {"", ".svc", ".svc.cluster.local"})
    out.push_back("*." + names.postgres() + "." + ns + suffix);
  return out;
}

// Blanks are what an unset variable or a lone `echo` leaves: servers find no secret in them.
bool has(const facts::LiveChild& secret, const std::string& key) {
  const auto value = base::from_base64(json::string_at(secret.document, {"data", key}));
  return value && !base::trim(*value).empty();
}

std::vector<std::string> keys_of(const SecretRecipe& recipe) {
  std::vector<std::string> out;
  if (const auto* passwords = std::get_if<SecretRecipe::Passwords>(&recipe.content)) {
    for (const auto& [key, length] : passwords->length_by_key) out.push_back(key);
  }
  if (std::holds_alternative<SecretRecipe::Application>(recipe.content))
    out = {"username", "password", "dbname", "host", "uri"};
  return out;
}

// What is still there and nobody asked to turn stays, so that a key that an older operator did not make turns no other.
void keep_what_is_there(const facts::LiveChild& live, SecretRecipe& recipe) {
  auto* passwords = std::get_if<SecretRecipe::Passwords>(&recipe.content);
  if (passwords == nullptr) return;
  for (const auto& key : keys_of(recipe)) {
    if (has(live, key)) passwords->kept.insert(key);
  }
}

// Why the Secret that is there cannot serve; empty: it can.
std::string fault_of(const facts::Observation& observation, const SecretRecipe& recipe, const facts::LiveChild& live) {
  if (const auto unfit = observation.unfit_pairs.find(recipe.name); unfit != observation.unfit_pairs.end())
    return unfit->second;
  for (const auto& key : keys_of(recipe)) {
    if (!has(live, key)) return key + " was missing or empty";
  }
  return {};
}

bool must_be_renewed(const facts::Observation& observation, const SecretRecipe& recipe, const facts::LiveChild& live,
                     base::Wall now) {
  if (const auto* copy = std::get_if<SecretRecipe::Copy>(&recipe.content))
    return !is_copy(live) ||
           facts::certificate_mark(json::string_at(live.document, {"data", "tls.crt"})) != copy->certificate;
  if (!std::holds_alternative<SecretRecipe::Certificate>(recipe.content)) return false;
  return is_in_last_third(observation, recipe.name, now) || is_copy(live) || must_be_reissued(observation, live);
}

bool is_stacked(const SecretRecipe& recipe) {
  const auto* passwords = std::get_if<SecretRecipe::Passwords>(&recipe.content);
  return passwords != nullptr && !passwords->stacked.empty();
}

// One that is turning is done with that first: its stage says which passwords or authorities are still in use.
bool must_rotate(const facts::Observation& observation, const SecretRecipe& recipe, const facts::LiveChild& live) {
  if (wanted_rotation(live).empty() || is_turning(live)) return false;
  const bool is_leaf = std::holds_alternative<SecretRecipe::Certificate>(recipe.content);
  return is_leaf ? can_sign(observation) : takes_two(recipe) || is_stacked(recipe);
}

// Whoever wrote the wish may write it again, so it stays, and what was done for it beside it.
void keep_wish(const facts::LiveChild& live, bool is_done, SecretRecipe& recipe) {
  for (const char* name : {names::kRotateAnnotation, names::kRotatedAnnotation}) {
    const auto value = json::string_at(live.document, {"metadata", "annotations", name});
    if (!value.empty()) recipe.metadata["annotations"][name] = value;
  }
  if (is_done) recipe.metadata["annotations"][names::kRotatedAnnotation] = wanted_rotation(live);
}

// Of those that the operator cannot turn by itself: who has them besides, and how it is done.
std::string way_to_rotate(const SecretRecipe& recipe, const Names& names) {
  if (const auto* copy = std::get_if<SecretRecipe::Copy>(&recipe.content))
    return "It is the copy of Secret " + copy->source + ": put another pair into that one";
  if (recipe.name == names.webhook_github())
    return "The sender has it, too: name a second Secret in spec.webhook.secrets.github, tell the sender of it, and "
           "then take this one out";
  if (recipe.name == names.webhook_api())
    return "Its readers have it, too: add a second token under another key, tell them of it, and then remove the first";
  if (recipe.name == names.postgres_superuser() || recipe.name == names.postgres_replication())
    return "Only the operator and its agents use it: write another password into it, and the primary takes it over";
  return {};
}

void object_to_rotation(const SecretRecipe& recipe, const facts::LiveChild& live, const Names& names, Plan& plan) {
  const auto way = wanted_rotation(live).empty() ? std::string() : way_to_rotate(recipe, names);
  if (way.empty()) return;
  plan.objections.push_back({"NotRotatable", "Secret " + recipe.name + ": annotation " + names::kRotateAnnotation +
                                                 " has no effect on it. " + way + "; and remove the annotation."});
}

// The login that the pods have, by what they say: a mount keeps what a deleted Secret held.
std::string login_in_force(const facts::Facts& facts) {
  if (const auto* primary = facts.postgres.primary_instance();
      primary != nullptr && primary->report != nullptr && !primary->report->application_login.empty())
    return primary->report->application_login;
  for (const auto& [name, report] : facts.seen.instances) {
    if (!report.application_login.empty()) return report.application_login;
  }
  return {};
}

// Whoever holds the password that is lost must not be locked out: another login is made beside it.
void choose_login(const facts::Facts& facts, SecretRecipe& recipe) {
  auto* application = std::get_if<SecretRecipe::Application>(&recipe.content);
  if (application == nullptr) return;
  application->previous = login_in_force(facts);
  if (!application->previous.empty()) application->username = postgres::next_login(application->previous);
}

// The user's pair takes the place of the balancer's own. One that cannot be used is not copied: the last that could
// goes on being used, and references.hpp says why. False: there is nothing to make the Secret of.
bool choose_balancer_pair(const facts::Observation& observation, SecretRecipe& recipe) {
  const auto given = given_certificate(*observation.cluster);
  if (given.empty() || recipe.name != Names(observation.cluster->metadata.name).lb_tls()) return true;
  const auto found = observation.named_secrets.find(given);
  if (found != observation.named_secrets.end() && !found->second.certificate.empty() && found->second.unfit.empty()) {
    recipe.content = SecretRecipe::Copy{given, found->second.certificate};
    return true;
  }
  const auto* live = observation.child("Secret", recipe.name);
  return live != nullptr && !is_copy(*live);
}

}  // namespace

bool is_in_last_third(const facts::Observation& observation, const std::string& secret, base::Wall now) {
  const auto term = observation.certificate_terms.find(secret);
  return term != observation.certificate_terms.end() &&
         now > term->second.end - (term->second.end - term->second.begin) / 3;
}

bool takes_two(const SecretRecipe& recipe) {
  const auto* passwords = std::get_if<SecretRecipe::Passwords>(&recipe.content);
  return passwords != nullptr && passwords->length_by_key.contains("operator-password");
}

bool is_whole(const SecretRecipe& recipe, const facts::LiveChild& live) {
  const auto keys = keys_of(recipe);
  return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const auto& key) { return has(live, key); });
}

std::string given_certificate(const api::CadenceCluster& cluster) {
  const auto& name = cluster.spec.load_balancer.tls.secret_name;
  return name == Names(cluster.metadata.name).lb_tls() ? "" : name;
}

bool is_copy(const facts::LiveChild& secret) {
  return !json::string_at(secret.document, {"metadata", "annotations", names::kCopyOfAnnotation}).empty();
}

std::vector<SecretRecipe> wanted_secrets(const api::CadenceCluster& cluster) {
  const Names names(cluster.metadata.name);
  const auto& ns = cluster.metadata.namespace_;
  constexpr std::size_t kLength = 32;
  const auto passwords = [&](const std::string& name, const std::string& component, SecretRecipe::Passwords content) {
    return SecretRecipe{name, metadata_of(cluster, name, component), std::move(content), ""};
  };
  std::vector<SecretRecipe> out;
  out.push_back({names.ca(), metadata_of(cluster, names.ca(), ""), SecretRecipe::Authority{}, ""});
  out.push_back(
      passwords(names.postgres_superuser(), "postgres", {{{"password", kLength}}, {{"username", "postgres"}}}));
  out.push_back(
      passwords(names.postgres_replication(), "postgres", {{{"password", kLength}}, {{"username", "replicator"}}}));
  out.push_back({names.postgres_app(), metadata_of(cluster, names.postgres_app(), "postgres"),
                 SecretRecipe::Application{names.ca(), "cadence", "cadence", names.postgres_rw() + "." + ns + ".svc"},
                 ""});
  out.push_back(
      passwords(names.redis_auth(), "redis",
                {{{"password", kLength}, {"operator-password", kLength}, {"webhook-password", kLength}}, {}}));
  if (cluster.spec.webhook.secrets.github.empty())
    out.push_back(passwords(names.webhook_github(), "webhook", {{{"secret", kLength}}, {}}));
  out.push_back(passwords(names.webhook_api(), "webhook", {{{"token", kLength}}, {}}));
  if (!cluster.spec.webhook.links.public_url.empty())
    out.push_back(passwords(names.webhook_links(), "webhook", {{{"keys", kLength}}, {}, {}, {"keys"}}));
  out.push_back(certificate(cluster, names.postgres_tls(), "postgres", postgres_names(names, ns)));
  if (cluster.spec.load_balancer.type != "None") {
    out.push_back(certificate(cluster, names.lb_tls(), "lb", service_names(names.lb(), ns)));
  }
  return out;
}

SecretsPlan plan_secrets(const facts::Facts& facts, base::Wall now) {
  const auto& observation = facts.seen;
  SecretsPlan out;
  for (auto& recipe : wanted_secrets(*observation.cluster)) {
    if (!choose_balancer_pair(observation, recipe)) continue;
    const auto* live = observation.child("Secret", recipe.name);
    const auto fault = live == nullptr ? std::string() : fault_of(observation, recipe, *live);
    const bool is_rotation = live != nullptr && fault.empty() && must_rotate(observation, recipe, *live);
    const bool is_renewal =
        live != nullptr && fault.empty() && !is_rotation && must_be_renewed(observation, recipe, *live, now);
    if (live != nullptr) object_to_rotation(recipe, *live, Names(observation.cluster->metadata.name), out.part);
    if (live == nullptr) out.is_complete = false;
    if (live != nullptr && fault.empty() && !is_renewal && !is_rotation) continue;
    if (auto* authority = std::get_if<SecretRecipe::Authority>(&recipe.content))
      authority->trusted = trusted_in_use(observation);
    choose_login(facts, recipe);
    if (live != nullptr) recipe.replaces_resource_version = live->resource_version();
    if (live != nullptr) keep_wish(*live, is_rotation, recipe);
    if (live != nullptr && !is_rotation) keep_what_is_there(*live, recipe);
    const facts::ChildId object{"Secret", recipe.name};
    const auto* copy = std::get_if<SecretRecipe::Copy>(&recipe.content);
    const auto why = copy != nullptr ? "Took the certificate of Secret " + copy->source + " into " + object.to_string()
                     : is_rotation   ? "Rotated " + object.to_string() + ": its annotation asks for it"
                     : is_renewal    ? "Renewed the certificate in " + object.to_string()
                     : fault.empty() ? "Generated " + object.to_string()
                                     : "Generated the content of " + object.to_string() + ": " + fault;
    out.part.actions.push_back({MakeSecret{std::move(recipe)}, object,
                                is_rotation  ? "Rotated"
                                : is_renewal ? "CertificateRenewed"
                                             : "SecretGenerated",
                                why});
  }
  return out;
}

}  // namespace cadence::plan
