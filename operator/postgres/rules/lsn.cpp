#include "postgres/rules/lsn.hpp"

#include <charconv>

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

std::string format_hex(std::uint64_t value) {
  char text[16];
  auto* const end = std::to_chars(text, text + sizeof(text), value, 16).ptr;
  std::string out(text, end);
  for (auto& c : out) {
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  }
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

std::string format_lsn(Lsn lsn) { return format_hex(lsn >> 32) + "/" + format_hex(lsn & 0xffffffffU); }

std::optional<Segment> parse_segment(std::string_view file_name) {
  if (file_name.size() != 24) return std::nullopt;
  const auto timeline = parse_hex(file_name.substr(0, 8)), high = parse_hex(file_name.substr(8, 8)),
             low = parse_hex(file_name.substr(16, 8));
  if (!timeline || !high || !low) return std::nullopt;
  return Segment{static_cast<std::int64_t>(*timeline), (*high << 32) + *low * kSegmentBytes};
}

}  // namespace cadence::postgres
