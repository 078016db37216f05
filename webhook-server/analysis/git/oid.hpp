// The name of a git object: 20 bytes, printed as 40 lower-case hex digits. A plain value; knows no repository.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace cadence::analysis::git {

struct Oid {
  std::array<std::uint8_t, 20> bytes{};

  auto operator<=>(const Oid&) const = default;
  [[nodiscard]] std::string hex() const;
  static std::optional<Oid> from_hex(std::string_view hex);  // exactly 40 digits, either case
  static Oid from_bytes(const void* twenty) {
    Oid oid;
    std::memcpy(oid.bytes.data(), twenty, oid.bytes.size());
    return oid;
  }
};

// Object names are hashes already: their first bytes spread well enough.
struct OidHash {
  std::size_t operator()(const Oid& oid) const {
    std::size_t hash = 0;
    std::memcpy(&hash, oid.bytes.data(), sizeof hash);
    return hash;
  }
};

}  // namespace cadence::analysis::git
