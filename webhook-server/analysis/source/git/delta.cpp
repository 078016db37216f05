#include "analysis/source/git/delta.hpp"

#include <cstring>

namespace cadence::analysis::source {
namespace {

std::uint32_t take_bytes(std::string_view& delta, unsigned which, bool& is_complete) {
  std::uint32_t value = 0;
  for (unsigned shift = 0; which != 0; which >>= 1U, shift += 8) {
    if ((which & 1U) == 0) continue;
    if (delta.empty()) {
      is_complete = false;
      return 0;
    }
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(delta.front())) << shift;
    delta.remove_prefix(1);
  }
  return value;
}

}  // namespace

std::optional<std::uint64_t> take_size(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 56; shift += 7) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

bool apply_delta(std::string_view delta, std::string_view base, std::span<char> into) {
  std::size_t written = 0;
  while (!delta.empty()) {
    const auto command = static_cast<unsigned char>(delta.front());
    delta.remove_prefix(1);
    std::string_view piece;
    if ((command & 0x80U) != 0) {
      bool is_complete = true;
      const std::size_t from = take_bytes(delta, command & 0x0FU, is_complete);
      const std::size_t asked = take_bytes(delta, command >> 4U & 0x07U, is_complete);
      const std::size_t length = asked == 0 ? 0x10000 : asked;
      if (!is_complete || from > base.size() || length > base.size() - from) return false;
      piece = base.substr(from, length);
    } else {
      if (command == 0 || command > delta.size()) return false;
      piece = delta.substr(0, command);
      delta.remove_prefix(command);
    }
    if (piece.size() > into.size() - written) return false;
    std::memcpy(into.data() + written, piece.data(), piece.size());
    written += piece.size();
  }
  return written == into.size();
}

}  // namespace cadence::analysis::source
