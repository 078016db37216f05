#include "redis/cluster/refusal.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cadence::redis::cluster {
namespace {

using Kind = Refusal::Kind;

// "MOVED 3999 10.0.0.1:6379", with ASK the same; IPv6 stands there without brackets.
Refusal read_redirect(Kind kind, std::string_view text, const Address& asked) {
  const auto words = base::split(text, ' ');
  if (words.size() < 3) return {Kind::Other, -1, {}};
  const auto colon = words[2].rfind(':');
  if (colon == std::string::npos) return {Kind::Other, -1, {}};
  const auto slot = base::parse_integer(words[1]).value_or(-1);
  const auto port = base::parse_integer(words[2].substr(colon + 1)).value_or(0);
  if (slot < 0 || slot >= kSlotCount || port < 1 || port > 65535) return {Kind::Other, -1, {}};
  const auto ip = words[2].substr(0, colon);
  return {kind, static_cast<int>(slot), {ip.empty() ? asked.ip : ip, static_cast<std::uint16_t>(port)}};
}

}  // namespace

Refusal read_refusal(const Reply& reply, const Address& asked) {
  if (!reply.is_error()) return {};
  constexpr std::array<std::string_view, 6> kDown{"CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY", "BUSY", "SHUT"};
  constexpr std::array<std::string_view, 3> kForbidden{"NOAUTH", "WRONGPASS", "NOPERM"};
  const std::string_view code = std::string_view(reply.text).substr(0, reply.text.find(' '));
  const auto is_in = [&](const auto& list) { return std::find(list.begin(), list.end(), code) != list.end(); };
  if (code == "MOVED") return read_redirect(Kind::Moved, reply.text, asked);
  if (code == "ASK") return read_redirect(Kind::Ask, reply.text, asked);
  if (code == "TRYAGAIN") return {Kind::TryAgain, -1, {}};
  if (is_in(kDown)) return {Kind::Down, -1, {}};
  return {is_in(kForbidden) ? Kind::Forbidden : Kind::Other, -1, {}};
}

}  // namespace cadence::redis::cluster
