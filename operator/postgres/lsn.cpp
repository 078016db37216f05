#include "postgres/lsn.hpp"

#include <charconv>
#include <cstdio>

namespace cadence::postgres {
namespace {

constexpr Lsn kSegmentBytes = 16 * 1024 * 1024;

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::uint64_t out = 0;
  if (text.empty() || text.size() > 8) return std::nullopt;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Lsn> parse_lsn(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto high = parse_hex(text.substr(0, slash)), low = parse_hex(text.substr(slash + 1));
  if (!high || !low) return std::nullopt;
  return *high << 32 | *low;
}

std::string format_lsn(Lsn lsn) {
  char text[24];
  std::snprintf(text, sizeof(text), "%X/%X", static_cast<unsigned>(lsn >> 32),
                static_cast<unsigned>(lsn & 0xffffffffU));
  return text;
}

std::optional<Segment> parse_segment(std::string_view file_name) {
  if (file_name.size() != 24) return std::nullopt;
  const auto timeline = parse_hex(file_name.substr(0, 8)), high = parse_hex(file_name.substr(8, 8)),
             low = parse_hex(file_name.substr(16, 8));
  if (!timeline || !high || !low) return std::nullopt;
  return Segment{static_cast<std::int64_t>(*timeline), (*high << 32) + *low * kSegmentBytes};
}

}  // namespace cadence::postgres
