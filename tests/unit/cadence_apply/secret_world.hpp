// Secrets as the operator makes and changes them, and as pods may still see them minutes later.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "unit/cadence_plan/world.hpp"
#include "base/text.hpp"
#include "cadence/apply/secret_change.hpp"
#include "cadence/apply/secret_content.hpp"
#include "cadence/plan/secrets/rotation.hpp"
#include "net/pki.hpp"
#include "postgres/rules/logins.hpp"

namespace cadence::apply {

using kube::types::Secret;
using plan::Plan;

inline constexpr std::chrono::seconds kRound{30};
inline constexpr int kRoundsLate = 9;  // a mount may be four and a half minutes old

class SecretWorld : public plan::World {
 public:
  SecretWorld() { settle(); }

  void settle() {
    for (int round = 0; round < 5; ++round) carry_out(plan());
  }

  // As the observer does it.
  void judge_pairs() {
    seen.unfit_pairs.clear();
    seen.foreign_certificates.clear();
    seen.certificate_terms.clear();
    std::string authority;
    for (const char* name : {"c-ca", "c-postgres-tls", "c-lb-tls"}) {
      if (!secrets.contains(name)) continue;
      const auto fits = net::check_pair({value(name, "tls.crt"), value(name, "tls.key")}, std::string(name) == "c-ca");
      if (!fits) seen.unfit_pairs[name] = fits.error().message;
      if (const auto validity = net::certificate_validity(value(name, "tls.crt")))
        seen.certificate_terms[name] = {validity->begin, validity->end};
      if (std::string(name) == "c-ca") authority = fits ? value(name, "tls.crt") : "";
      else if (fits && !authority.empty() && !net::is_issued_by(value(name, "tls.crt"), authority))
        seen.foreign_certificates.insert(name);
    }
  }

  // `most`: the operator is killed after so many writes.
  void carry_out(Plan plan, std::size_t most = 1000) {
    if (plan.actions.size() > most) plan.actions.resize(most);
    for (const auto& action : plan.actions) {
      if (const auto* make = std::get_if<plan::MakeSecret>(&action.step)) {
        const auto source = secrets.find(authority_of(make->recipe));
        const auto authority = source == secrets.end() ? std::nullopt : std::optional(source->second);
        const auto known = whole.find(make->recipe.name);
        keep(*make_secret_object(make->recipe, authority, now,
                                 known == whole.end() ? std::nullopt : std::optional(known->second)));
        if (authority) issuer[make->recipe.name] = value(*authority, "tls.crt");
      }
      if (const auto* change = std::get_if<plan::ChangeSecret>(&action.step)) {
        story.push_back(change->name + " " + std::to_string(static_cast<int>(change->kind)));
        keep(*changed(secrets.at(change->name), *change, secrets.at("c-ca"), now));
      }
    }
    auto rest = plan;
    std::erase_if(rest.actions, [](const auto& action) {
      return std::holds_alternative<plan::MakeSecret>(action.step) ||
             std::holds_alternative<plan::ChangeSecret>(action.step);
    });
    apply(rest);
  }

  void keep(const Secret& secret) {
    secrets[secret.metadata.name] = secret;
    const auto is_lost = [](const auto& entry) {
      return base::trim(base::from_base64(entry.second).value_or("")).empty();
    };
    if (!secret.data.empty() && std::none_of(secret.data.begin(), secret.data.end(), is_lost))
      whole[secret.metadata.name] = secret;
    seen.children.erase({"Secret", secret.metadata.name});
    put(Secret::kind_info(), kube::core::to_document(secret));
    judge_pairs();
  }
  void lose(const std::string& name) {
    secrets.erase(name);
    seen.children.erase({"Secret", name});
    judge_pairs();
  }
  void edit(const std::string& name, const std::string& key, const std::string& value) {
    auto secret = secrets.at(name);
    if (value.empty()) secret.data.erase(key);
    else secret.data[key] = base::to_base64(value);
    keep(secret);
  }
  // Every pod, however late its mounts are, trusts what every other presents. What was seen a round ago was held to
  // each other then.
  void expect_trust(const std::string& when) const {
    for (const auto& signed_by : issuers) expect_trust(history.back(), signed_by, when);
    for (const auto& mounted : history) expect_trust(mounted, issuers.back(), when);
  }
  static void expect_trust(const std::map<std::string, Secret>& mounted,
                           const std::map<std::string, std::string>& signed_by, const std::string& when) {
    for (const char* trusting : {"c-postgres-tls", "c-lb-tls", "c-postgres-app"}) {
      if (!mounted.contains(trusting)) continue;  // a mount keeps what it had
      const auto trusted = value(mounted.at(trusting), "ca.crt");
      for (const char* leaf : {"c-postgres-tls", "c-lb-tls"}) {
        ASSERT_NE(trusted.find(signed_by.at(leaf)), std::string::npos)
            << when << ": " << trusting << " must trust " << leaf;
      }
    }
  }
  void expect_one_authority(const std::string& when) const {
    for (const char* name : {"c-ca", "c-postgres-tls", "c-lb-tls", "c-postgres-app"})
      EXPECT_EQ(value(name, "ca.crt"), value("c-ca", "tls.crt")) << when << ": " << name;
    for (const char* leaf : {"c-postgres-tls", "c-lb-tls"})
      EXPECT_EQ(issuer.at(leaf), value("c-ca", "tls.crt")) << when << ": " << leaf;
    EXPECT_TRUE(seen.unfit_pairs.empty()) << when;
  }
  void ask(const std::string& name, const std::string& token) {
    auto secret = secrets.at(name);
    secret.metadata.annotations[names::kRotateAnnotation] = token;
    keep(secret);
  }
  static std::string value(const Secret& secret, const std::string& key) {
    const auto found = secret.data.find(key);
    return found == secret.data.end() ? "" : base::from_base64(found->second).value_or("");
  }
  [[nodiscard]] std::string value(const std::string& name, const std::string& key) const {
    return value(secrets.at(name), key);
  }

  // A round later: what pods may see at the latest is remembered.
  void pass() {
    history.push_back(secrets);
    if (history.size() > kRoundsLate) history.pop_front();
    issuers.push_back(issuer);
    if (issuers.size() > kRoundsLate) issuers.pop_front();
    now += kRound;
  }

  std::map<std::string, Secret> secrets;
  std::map<std::string, Secret> whole;  // as the operator remembers them; cleared: it started after they were lost
  std::map<std::string, std::string> issuer;  // certificate of the authority that signed the leaf
  std::deque<std::map<std::string, Secret>> history;
  std::deque<std::map<std::string, std::string>> issuers;
  std::vector<std::string> story;
};

}  // namespace cadence::apply
