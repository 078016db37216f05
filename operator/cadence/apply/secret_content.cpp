#include "cadence/apply/secret_content.hpp"

#include "base/text.hpp"
#include "cadence/apply/secret_change.hpp"
#include "cadence/names/secret_keys.hpp"
#include "cadence/plan/secrets/rotation.hpp"
#include "cadence/plan/secrets/secrets.hpp"
#include "net/pki.hpp"

namespace cadence::apply {
namespace {

using kube::types::Secret;
using plan::SecretRecipe;

constexpr const char* kOpaque = "Opaque";
constexpr const char* kTls = "kubernetes.io/tls";

void put(Secret& secret, const std::string& key, const std::string& value) {
  secret.data[key] = base::to_base64(value);
}

std::string value_of(const std::optional<Secret>& secret, const std::string& key) {
  if (!secret) return {};
  const auto found = secret->data.find(key);
  return found == secret->data.end() ? std::string() : base::from_base64(found->second).value_or("");
}

void put_key_pair(Secret& secret, const net::KeyPair& pair, const std::string& ca_pem) {
  secret.type = kTls;
  put(secret, "tls.crt", pair.certificate_pem);
  put(secret, "tls.key", pair.key_pem);
  put(secret, "ca.crt", ca_pem);
}

base::Result<void> fill(Secret& secret, const SecretRecipe::Passwords& content, const std::optional<Secret>&,
                        base::Wall) {
  secret.type = kOpaque;
  for (const auto& [key, length] : content.length_by_key) put(secret, key, base::random_password(length));
  for (const auto& [key, value] : content.fixed) put(secret, key, value);
  return {};
}

base::Result<void> fill(Secret& secret, const SecretRecipe::Authority& content, const std::optional<Secret>&,
                        base::Wall now) {
  auto pair = net::make_ca(secret.metadata.name, plan::kAuthorityLifetime, now);
  if (!pair) return pair.error();
  put_key_pair(secret, *pair, plan::bundle({pair->certificate_pem, content.trusted}));
  // What is in use was signed by another: nothing is signed by this one before everybody trusts it.
  if (!content.trusted.empty())
    secret.metadata.annotations[names::kStageAnnotation] = "adopted " + base::format_rfc3339(now);
  return {};
}

base::Result<void> fill(Secret& secret, const SecretRecipe::Certificate& content,
                        const std::optional<Secret>& authority, base::Wall now) {
  const net::KeyPair ca{value_of(authority, "tls.crt"), value_of(authority, "tls.key")};
  net::CertificateRequest request;
  request.common_name = content.common_name.substr(0, 64);  // RFC 5280: ub-common-name
  request.dns_names = content.dns_names;
  request.lifetime = plan::kCertificateLifetime;
  auto pair = net::issue_certificate(ca, request, now);
  if (!pair) return pair.error();
  put_key_pair(secret, *pair, value_of(authority, "ca.crt"));
  secret.metadata.annotations[names::kTrustedAnnotation] = base::format_rfc3339(now);
  return {};
}

base::Result<void> fill(Secret& secret, const SecretRecipe::Application& content,
                        const std::optional<Secret>& authority, base::Wall now) {
  secret.type = kOpaque;
  const auto password = base::random_password(32);
  put(secret, "username", content.username);
  put(secret, "password", password);
  put(secret, "dbname", content.database);
  put(secret, "host", content.host);
  put(secret, "port", "5432");
  put(secret, "ca.crt", value_of(authority, "ca.crt"));
  put(secret, "uri", application_uri(content.username, password, content.host, content.database));
  if (content.previous.empty()) return {};
  put(secret, names::kPreviousKey + std::string("username"), content.previous);
  put(secret, "serial", base::format_rfc3339_micro(now));
  secret.metadata.annotations[names::kStageAnnotation] = "switched " + base::format_rfc3339(now);
  return {};
}

base::Result<void> fill(Secret& secret, const SecretRecipe::Copy& content, const std::optional<Secret>& source,
                        base::Wall now) {
  const auto certificate = value_of(source, "tls.crt"), key = value_of(source, "tls.key");
  const bool is_judged = source && source->data.contains("tls.crt") &&
                         facts::certificate_mark(source->data.at("tls.crt")) == content.certificate;
  if (!is_judged || !net::check_server_pair({certificate, key}))
    return base::Error{base::ErrorKind::Conflict, "Secret " + content.source + " has changed since it was looked at"};
  secret.type = kTls;
  put(secret, "tls.crt", certificate);
  put(secret, "tls.key", key);
  secret.metadata.annotations[names::kCopyOfAnnotation] = content.source;
  secret.metadata.annotations[names::kCopiedAtAnnotation] = base::format_rfc3339(now);
  return {};
}

base::Result<void> fill(Secret& secret, const SecretRecipe::StandIn& content, const std::optional<Secret>& source,
                        base::Wall) {
  secret.type = kOpaque;
  if (source) secret.data = source->data;
  secret.metadata.annotations[names::kCopyOfAnnotation] = content.source;
  return {};
}

// The new one above those that are still good, as many as are tried: what was signed with them stays open.
std::string stacked(const std::string& newest, const std::string& earlier) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> lines{newest};
  for (const auto& line : base::split(earlier, '\n'))
    if (lines.size() < kMost && !base::trim(line).empty()) lines.emplace_back(base::trim(line));
  return base::join(lines, "\n") + "\n";
}

// Passwords that users of the Secret still hold come back, or stay beside the new ones while these spread.
void bring_back(Secret& secret, const SecretRecipe::Passwords& content, bool takes_two, const Secret& known,
                base::Wall now) {
  for (const auto& [key, length] : content.length_by_key) {
    const auto earlier = value_of(known, key);
    if (earlier.empty()) continue;
    if (content.kept.contains(key)) {
      put(secret, key, earlier);
      continue;
    }
    if (content.stacked.contains(key)) {
      put(secret, key, stacked(value_of(secret, key), earlier));
      continue;
    }
    put(secret, takes_two ? names::kPreviousKey + key : key, earlier);
    if (takes_two) secret.metadata.annotations[names::kStageAnnotation] = "replaced " + base::format_rfc3339(now);
  }
}

// The login that is in use stays, and the other role takes over in the usual stages.
void bring_back(Secret& secret, const SecretRecipe::Application& content, const Secret& known, base::Wall now) {
  const auto user = value_of(known, "username"), password = value_of(known, "password");
  if (user.empty() || password.empty()) return;
  put(secret, "username", user);
  put(secret, "password", password);
  put(secret, "uri", application_uri(user, password, content.host, content.database));
  secret.data.erase(names::kPreviousKey + std::string("username"));
  auto turning = changed(secret, {plan::ChangeSecret::Kind::PrepareLogin, secret.metadata.name, "", ""}, {}, now);
  if (turning) secret = std::move(*turning);
}

}  // namespace

std::string application_uri(const std::string& user, const std::string& password, const std::string& host,
                            const std::string& database) {
  // After the Service the instances themselves, by the name that stands for all of them: a node's Service rules may be
  // late by a minute after an outage of the API server.
  const auto all = base::replace_all(host, "-postgres-rw.", "-postgres.");
  return "postgresql://" + user + ":" + password + "@" + host + ":5432," + all + ":5432/" + database +
         "?target_session_attrs=read-write&sslmode=verify-full&sslrootcert=/etc/cadence/store/ca.crt";
}

std::string authority_of(const SecretRecipe& recipe) {
  if (const auto* certificate = std::get_if<SecretRecipe::Certificate>(&recipe.content)) return certificate->authority;
  if (const auto* application = std::get_if<SecretRecipe::Application>(&recipe.content)) return application->authority;
  if (const auto* copy = std::get_if<SecretRecipe::Copy>(&recipe.content)) return copy->source;
  if (const auto* stand_in = std::get_if<SecretRecipe::StandIn>(&recipe.content)) return stand_in->source;
  return {};
}

base::Result<Secret> make_secret_object(const SecretRecipe& recipe, const std::optional<Secret>& authority,
                                        base::Wall now, const std::optional<Secret>& known) {
  Secret secret;
  secret.metadata = json::decode_leniently<kube::core::ObjectMeta>(recipe.metadata);
  secret.metadata.resource_version = recipe.replaces_resource_version;
  const auto filled =
      std::visit([&](const auto& content) { return fill(secret, content, authority, now); }, recipe.content);
  if (!filled) return filled.error().with_context("Could not make Secret " + recipe.name);
  if (!known) return secret;
  if (const auto* passwords = std::get_if<SecretRecipe::Passwords>(&recipe.content))
    bring_back(secret, *passwords, plan::takes_two(recipe), *known, now);
  if (const auto* application = std::get_if<SecretRecipe::Application>(&recipe.content))
    bring_back(secret, *application, *known, now);
  return secret;
}

}  // namespace cadence::apply
