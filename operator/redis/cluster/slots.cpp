#include "redis/cluster/slots.hpp"

#include <array>

#include "redis/topology.hpp"

namespace cadence::redis::cluster {
namespace {

constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr auto kTable = make_table();

std::string_view deciding_part(std::string_view key) {
  const auto open = key.find('{');
  if (open == std::string_view::npos) return key;
  const auto close = key.find('}', open + 1);
  return close == std::string_view::npos || close == open + 1 ? key : key.substr(open + 1, close - open - 1);
}

}  // namespace

std::uint16_t crc16(std::string_view bytes) {
  unsigned crc = 0;
  for (const unsigned char byte : bytes) crc = ((crc << 8) & 0xffff) ^ kTable[(crc >> 8) ^ byte];
  return static_cast<std::uint16_t>(crc);
}

int slot_of(std::string_view key) { return crc16(deciding_part(key)) % kSlotCount; }

}  // namespace cadence::redis::cluster
