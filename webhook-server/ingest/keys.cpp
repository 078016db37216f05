#include "ingest/keys.hpp"

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

Keys keys_of(const Identity& identity, std::string_view body) {
  // Lengths keep the parts apart whatever they hold. Ledgers hold keys for weeks: this text must not change.
  const auto name = base::to_lower(identity.repository);
  const auto key = [&](std::string_view kind, std::string_view value) {
    std::string text(identity.provider);
    const auto add = [&](std::string_view part) {
      text += " " + std::to_string(part.size()) + " " + std::string(part);
    };
    for (const auto part : {kind, identity.scope, std::string_view(name), value}) add(part);
    if (!identity.part.empty()) add(identity.part);
    return net::sha256(text).substr(0, 16);
  };
  if (!identity.id.empty() && !identity.remembers_body) return {key("id", identity.id), {}};
  auto of_body = key("body", identity.digest.empty() ? net::sha256(body) : std::string(identity.digest));
  if (identity.id.empty()) return {std::move(of_body), {}};
  return {key("id", identity.id), std::move(of_body)};
}

}  // namespace cadence::ingest
