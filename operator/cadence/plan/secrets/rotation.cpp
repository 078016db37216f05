#include "cadence/plan/secrets/rotation.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/text.hpp"
#include "cadence/names/names.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "postgres/rules/logins.hpp"

namespace cadence::plan {
namespace {

using Kind = ChangeSecret::Kind;
using names::Names;

// Sessions that began with the old password end by themselves; new ones read the new one from their mount long before
// this.
constexpr std::chrono::minutes kRetireAfter{10};
constexpr std::chrono::seconds kLook{30};

std::string annotation(const facts::LiveChild& secret, const char* name) {
  return json::string_at(secret.document, {"metadata", "annotations", name});
}
std::string data(const facts::LiveChild& secret, const char* key) {
  return json::string_at(secret.document, {"data", key});
}

struct Stage {
  std::string name;  // empty: no rotation is under way
  base::Wall since{};
};

Stage stage_of(const facts::LiveChild& secret) {
  const auto words = base::split(annotation(secret, names::kStageAnnotation), ' ');
  return words.size() == 2 ? Stage{words[0], base::parse_rfc3339(words[1])} : Stage{};
}

void change(const facts::Observation& observation, Kind kind, const facts::LiveChild& secret, const std::string& why,
            Plan& plan) {
  const auto name = json::string_at(secret.document, {"metadata", "name"});
  const Names names(observation.cluster->metadata.name);
  plan.actions.push_back(
      {ChangeSecret{kind, name, secret.resource_version(), names.ca()}, {"Secret", name}, "Rotated", why});
}

// PEM blocks, in order; what stands between them is dropped.
std::vector<std::string> certificates_in(const std::string& pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
  std::vector<std::string> out;
  for (std::size_t at = pem.find(kBegin); at != std::string::npos; at = pem.find(kBegin, at + 1)) {
    const auto end = pem.find(kEnd, at);
    if (end == std::string::npos) break;
    out.push_back(pem.substr(at, end + kEnd.size() - at) + "\n");
  }
  return out;
}

std::vector<std::string> certificates_in(const facts::LiveChild& secret, const char* key) {
  return certificates_in(base::from_base64(data(secret, key)).value_or(""));
}

bool holds(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// Those that carry the authority's certificate for others to trust.
std::vector<const facts::LiveChild*> trusting(const facts::Observation& observation) {
  const Names names(observation.cluster->metadata.name);
  std::vector<const facts::LiveChild*> out;
  for (const auto& name : {names.postgres_tls(), names.lb_tls(), names.postgres_app()}) {
    const auto* secret = observation.child("Secret", name);
    // what the user's authority signed is none of ours
    if (secret != nullptr && !is_copy(*secret)) out.push_back(secret);
  }
  return out;
}

// Somebody put another authority in, or took what it must hold: nobody trusts what it would sign.
bool must_be_adopted(const facts::Observation& observation, const facts::LiveChild& authority) {
  const auto own = certificates_in(authority, "tls.crt");
  if (own.empty()) return false;
  if (!holds(certificates_in(authority, "ca.crt"), own.front())) return true;
  if (stage_of(authority).name == "adopted") return false;
  bool is_anybody_trusted = false;
  for (const auto* secret : trusting(observation)) {
    const auto trusted = certificates_in(*secret, "ca.crt");
    if (holds(trusted, own.front())) return false;
    is_anybody_trusted = is_anybody_trusted || !trusted.empty();
  }
  return is_anybody_trusted;
}

bool is_trust_spread(const facts::Observation& observation, const facts::LiveChild& authority, Plan& plan) {
  bool is_spread = true;
  for (const auto* secret : trusting(observation)) {
    if (data(*secret, "ca.crt") == data(authority, "ca.crt")) continue;
    is_spread = false;
    change(observation, Kind::Trust, *secret,
           "Brought the trusted authorities into Secret " + json::string_at(secret->document, {"metadata", "name"}),
           plan);
  }
  return is_spread;
}

bool are_leaves_renewed(const facts::Observation& observation) {
  for (const auto* secret : trusting(observation)) {
    if (must_be_reissued(observation, *secret)) return false;
  }
  return true;
}

// When the last of those who must trust an authority was told to. A time to come is somebody's edit: the others tell.
base::Wall trusted_since(const facts::Observation& observation, base::Wall stage, base::Wall now) {
  std::optional<base::Wall> out;
  const auto count = [&](base::Wall time) {
    if (time <= now) out = std::max(out.value_or(time), time);
  };
  count(stage);
  for (const auto* secret : trusting(observation)) {
    const auto text = annotation(*secret, names::kTrustedAnnotation);
    if (!text.empty()) count(base::parse_rfc3339(text));
  }
  return out.value_or(now);
}

void adopt(const facts::Observation& observation, const facts::LiveChild& authority, Plan& plan) {
  const Names names(observation.cluster->metadata.name);
  plan.actions.push_back({ChangeSecret{Kind::AdoptAuthority, names.ca(), authority.resource_version(), names.ca(),
                                       trusted_in_use(observation)},
                          {"Secret", names.ca()},
                          "Adopted",
                          "Took the certificate authority that was put into Secret " + names.ca() +
                              "; those that signed what is in use stay trusted beside it"});
}

void plan_authority(const facts::Observation& observation, base::Wall now, Plan& plan) {
  const auto name = Names(observation.cluster->metadata.name).ca();
  const auto* authority = observation.child("Secret", name);
  if (authority == nullptr || data(*authority, "tls.crt").empty() || observation.unfit_pairs.contains(name)) return;
  if (must_be_adopted(observation, *authority)) return adopt(observation, *authority, plan);
  const auto stage = stage_of(*authority);
  if (stage.name.empty() && (!wanted_rotation(*authority).empty() || is_in_last_third(observation, name, now))) {
    return change(observation, Kind::PrepareAuthority, *authority,
                  "Made a second certificate authority, trusted beside the first", plan);
  }
  const bool is_spread = is_trust_spread(observation, *authority, plan);
  if (stage.name.empty()) return;
  look_again(plan, kLook, "a new certificate authority is being brought out");
  if (!is_spread || now - trusted_since(observation, stage.since, now) < kSpreading) return;
  if (stage.name == "prepared" || stage.name == "adopted")
    return change(observation, Kind::SwitchAuthority, *authority, "The new certificate authority signs from now on",
                  plan);
  if (are_leaves_renewed(observation))
    change(observation, Kind::DropAuthority, *authority, "The old certificate authority is trusted no more", plan);
}

bool has_primary_brought(const facts::PostgresView& view, const facts::LiveChild& secret) {
  const auto* primary = view.primary_instance();
  if (primary == nullptr || primary->report == nullptr) return false;
  const auto text = [&](const char* key) { return base::from_base64(data(secret, key)).value_or(""); };
  return primary->report->roles_hash ==
         postgres::hash_of({text("username"), text("next-username"), text("retired-username"), text("serial")});
}

// Servers connect by `uri`; who sets another password edits `password`.
bool is_of_one_piece(const facts::LiveChild& secret) {
  const auto text = [&](const char* key) { return base::from_base64(data(secret, key)).value_or(""); };
  const auto uri = text("uri");
  return uri.find("//" + text("username") + ":" + text("password") + "@" + text("host") + ":5432,") !=
             std::string::npos &&
         uri.find("/" + text("dbname") + "?") != std::string::npos;
}

// RFC 3986 §2.3: what stands for itself in a URI.
bool is_unreserved(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
  });
}

bool fit_uri(const facts::Observation& observation, const facts::LiveChild& secret, Plan& plan) {
  const auto name = Names(observation.cluster->metadata.name).postgres_app();
  if (is_of_one_piece(secret)) return true;
  if (is_unreserved(base::from_base64(data(secret, "password")).value_or(""))) {
    change(observation, Kind::FitUri, secret,
           "Wrote the uri of Secret " + name + " again: it did not say what the other keys say", plan);
  } else {
    plan.objections.push_back(
        {"InvalidSecret",
         "Secret " + name +
             ": password may hold letters, digits and -._~ only, because it stands in uri too. Webhook servers cannot "
             "log in until it does: change it, or delete the Secret for a generated one."});
  }
  return false;
}

// Somebody's edit: when the earlier password may go is said nowhere else.
bool is_to_come(const facts::LiveChild& secret, base::Wall since, base::Wall now, Plan& plan) {
  if (since <= now + std::chrono::minutes(1)) return false;  // operators' clocks differ
  plan.objections.push_back(
      {"InvalidSecret", "Secret " + json::string_at(secret.document, {"metadata", "name"}) + ": annotation " +
                            names::kStageAnnotation + " names a time to come, " + base::format_rfc3339(since) +
                            ", until which the earlier password stays good: put the present time there."});
  return true;
}

void plan_application(const facts::Facts& facts, base::Wall now, Plan& plan) {
  const auto& observation = facts.seen;
  const auto* secret = observation.child("Secret", Names(observation.cluster->metadata.name).postgres_app());
  if (secret == nullptr || !fit_uri(observation, *secret, plan)) return;
  const auto stage = stage_of(*secret);
  if (stage.name.empty()) {
    if (!wanted_rotation(*secret).empty())
      change(observation, Kind::PrepareLogin, *secret, "Made a password for the application's other login role", plan);
    return;
  }
  look_again(plan, kLook, "a new password is being brought out");
  if (stage.name == "prepared" && has_primary_brought(facts.postgres, *secret))
    return change(observation, Kind::SwitchLogin, *secret, "The application's Secret names the other login role", plan);
  if (stage.name != "switched" || is_to_come(*secret, stage.since, now, plan)) return;
  if (now - stage.since >= kRetireAfter)
    change(observation, Kind::RetireLogin, *secret, "Took the right to log in from the application's old role", plan);
}

std::vector<std::string> taking_earlier(const facts::Observation& observation) {
  std::vector<std::string> out;
  for (const auto& [pod, probe] : observation.redis) {
    const auto* node = std::get_if<redis::Reachable>(&probe);
    if (node != nullptr && node->takes_earlier) out.push_back(pod);
  }
  return out;
}

void plan_replaced(const facts::Observation& observation, base::Wall now, Plan& plan) {
  const auto* secret = observation.child("Secret", Names(observation.cluster->metadata.name).redis_auth());
  if (secret == nullptr || stage_of(*secret).name != "replaced") return;
  look_again(plan, kLook, "new passwords are being brought out");
  const auto since = stage_of(*secret).since;
  if (is_to_come(*secret, since, now, plan) || now - since < kRetireAfter) return;
  const auto late = taking_earlier(observation);
  if (late.empty())
    return change(observation, Kind::RetireLogin, *secret, "The earlier passwords of Redis are good no more", plan);
  plan.objections.push_back(
      {"SecretNotMounted",
       "Redis in " + base::join(late, ", ") + " still takes only an earlier password of Secret " +
           json::string_at(secret->document, {"metadata", "name"}) +
           ", which therefore stays good: the kubelet did not bring the new one, as after a Secret that was "
           "immutable. Delete these pods one by one, replicas first."});
}

}  // namespace

std::string wanted_rotation(const facts::LiveChild& secret) {
  const auto wish = annotation(secret, names::kRotateAnnotation);
  return wish == annotation(secret, names::kRotatedAnnotation) ? "" : wish;
}

bool is_turning(const facts::LiveChild& secret) { return !annotation(secret, names::kStageAnnotation).empty(); }

std::string bundle(const std::vector<std::string>& texts) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> found;
  for (const auto& text : texts) {
    for (auto& certificate : certificates_in(text)) {
      if (found.size() < kMost && !holds(found, certificate)) found.push_back(std::move(certificate));
    }
  }
  return base::join(found, "");
}

std::string trusted_in_use(const facts::Observation& observation) {
  std::vector<std::string> texts;
  for (const auto* secret : trusting(observation))
    texts.push_back(base::from_base64(data(*secret, "ca.crt")).value_or(""));
  return bundle(texts);
}

bool can_sign(const facts::Observation& observation) {
  const auto name = Names(observation.cluster->metadata.name).ca();
  const auto* authority = observation.child("Secret", name);
  if (authority == nullptr || data(*authority, "tls.crt").empty() || observation.unfit_pairs.contains(name))
    return false;
  return stage_of(*authority).name != "adopted" && !must_be_adopted(observation, *authority);
}

bool must_be_reissued(const facts::Observation& observation, const facts::LiveChild& leaf) {
  return can_sign(observation) &&
         observation.foreign_certificates.contains(json::string_at(leaf.document, {"metadata", "name"}));
}

Plan plan_rotations(const facts::Facts& facts, base::Wall now) {
  Plan plan;
  plan_authority(facts.seen, now, plan);
  plan_application(facts, now, plan);
  plan_replaced(facts.seen, now, plan);
  return plan;
}

}  // namespace cadence::plan
