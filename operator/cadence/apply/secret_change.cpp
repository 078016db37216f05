#include "cadence/apply/secret_change.hpp"

#include "base/text.hpp"
#include "cadence/apply/secret_content.hpp"
#include "cadence/names/secret_keys.hpp"
#include "cadence/plan/secrets/rotation.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "net/pki.hpp"
#include "postgres/rules/logins.hpp"

namespace cadence::apply {
namespace {

using kube::types::Secret;
using Kind = plan::ChangeSecret::Kind;

constexpr std::size_t kPasswordLength = 32;

std::string get(const Secret& secret, const std::string& key) {
  const auto found = secret.data.find(key);
  return found == secret.data.end() ? std::string() : base::from_base64(found->second).value_or("");
}
void set(Secret& secret, const std::string& key, const std::string& value) {
  secret.data[key] = base::to_base64(value);
}

void begin(Secret& secret, const char* stage, base::Wall now) {
  secret.metadata.annotations[names::kStageAnnotation] = std::string(stage) + " " + base::format_rfc3339(now);
}
void finish(Secret& secret) {
  auto& annotations = secret.metadata.annotations;
  annotations.erase(names::kStageAnnotation);
  if (annotations.contains(names::kRotateAnnotation))
    annotations[names::kRotatedAnnotation] = annotations[names::kRotateAnnotation];
}

base::Result<void> prepare_authority(Secret& secret, base::Wall now) {
  const auto pair = net::make_ca(secret.metadata.name, plan::kAuthorityLifetime, now);
  if (!pair) return pair.error();
  set(secret, "next.crt", pair->certificate_pem);
  set(secret, "next.key", pair->key_pem);
  set(secret, "ca.crt", get(secret, "tls.crt") + pair->certificate_pem);
  begin(secret, "prepared", now);
  return {};
}

// Whatever rotation was under way has to be asked for again: what it had prepared belonged to another authority.
base::Result<void> adopt_authority(Secret& secret, const std::string& trusted, base::Wall now) {
  const auto own = get(secret, "tls.crt");
  if (const auto read = net::certificate_validity(own); !read)
    return read.error().with_context("Could not take the authority in Secret " + secret.metadata.name);
  set(secret, "ca.crt", plan::bundle({own, trusted}));
  secret.data.erase("next.crt");
  secret.data.erase("next.key");
  begin(secret, "adopted", now);
  return {};
}

base::Result<void> switch_authority(Secret& secret, base::Wall now) {
  // An adopted one is there already.
  if (secret.metadata.annotations[names::kStageAnnotation].starts_with("adopted")) {
    begin(secret, "switched", now);
    return {};
  }
  const auto certificate = get(secret, "next.crt"), key = get(secret, "next.key");
  if (certificate.empty() || key.empty())
    return base::Error{base::ErrorKind::Invalid,
                       "Could not switch to the next authority of Secret " + secret.metadata.name + ": it holds none"};
  set(secret, "ca.crt", certificate + get(secret, "tls.crt"));
  set(secret, "tls.crt", certificate);
  set(secret, "tls.key", key);
  secret.data.erase("next.crt");
  secret.data.erase("next.key");
  begin(secret, "switched", now);
  return {};
}

void prepare_login(Secret& secret, base::Wall now) {
  const auto next = postgres::next_login(get(secret, "username"));
  set(secret, "next-username", next);
  set(secret, "next-password", base::random_password(kPasswordLength));
  if (get(secret, "retired-username") == next) secret.data.erase("retired-username");
  set(secret, "serial", base::format_rfc3339_micro(now));
  begin(secret, "prepared", now);
}

base::Result<void> switch_login(Secret& secret, base::Wall now) {
  const auto next = get(secret, "next-username"), password = get(secret, "next-password");
  if (next.empty() || password.empty())
    return base::Error{base::ErrorKind::Invalid,
                       "Could not switch to the next login of Secret " + secret.metadata.name + ": it holds none"};
  set(secret, "previous-username", get(secret, "username"));
  set(secret, "username", next);
  set(secret, "password", password);
  set(secret, "uri", application_uri(next, password, get(secret, "host"), get(secret, "dbname")));
  secret.data.erase("next-username");
  secret.data.erase("next-password");
  begin(secret, "switched", now);
  return {};
}

void retire_login(Secret& secret) {
  if (const auto user = get(secret, "previous-username"); !user.empty()) set(secret, "retired-username", user);
  std::erase_if(secret.data, [](const auto& entry) { return entry.first.starts_with(names::kPreviousKey); });
  finish(secret);
}

}  // namespace

base::Result<Secret> changed(Secret secret, const plan::ChangeSecret& change, const Secret& authority, base::Wall now) {
  base::Result<void> done;
  switch (change.kind) {
    case Kind::PrepareAuthority:
      done = prepare_authority(secret, now);
      break;
    case Kind::AdoptAuthority:
      done = adopt_authority(secret, change.trusted, now);
      break;
    case Kind::SwitchAuthority:
      done = switch_authority(secret, now);
      break;
    case Kind::DropAuthority:
      set(secret, "ca.crt", get(secret, "tls.crt"));
      finish(secret);
      break;
    case Kind::Trust:
      set(secret, "ca.crt", get(authority, "ca.crt"));
      secret.metadata.annotations[names::kTrustedAnnotation] = base::format_rfc3339(now);
      break;
    case Kind::PrepareLogin:
      prepare_login(secret, now);
      break;
    case Kind::SwitchLogin:
      done = switch_login(secret, now);
      break;
    case Kind::RetireLogin:
      retire_login(secret);
      break;
    case Kind::FitUri:
      set(secret, "uri",
          application_uri(get(secret, "username"), get(secret, "password"), get(secret, "host"),
                          get(secret, "dbname")));
      break;
  }
  if (!done) return done.error();
  return secret;
}

}  // namespace cadence::apply
