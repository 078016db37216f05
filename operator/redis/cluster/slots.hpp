// Which of the 16384 slots a key belongs to. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace cadence::redis::cluster {

std::uint16_t crc16(std::string_view bytes);  // CRC-16/XMODEM

// What stands between the first `{` and the next `}` decides alone, unless nothing stands there.
int slot_of(std::string_view key);

}  // namespace cadence::redis::cluster
