// Small pure functions over text that several rooms need. Knows no locale: bytes and ASCII only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cadence::base {

std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);  // keeps empty parts
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string replace_all(std::string text, std::string_view from, std::string_view to);
// At most so many bytes from the start, and no part of a cut character (UTF-8).
std::string_view clipped(std::string_view text, std::size_t most);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);  // either case; nothing when malformed
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // padding required; line breaks allowed

std::optional<std::int64_t> parse_integer(std::string_view text);  // the whole text, decimal
// stable across machines and versions: for hashes in annotations
std::uint64_t fnv1a(std::string_view bytes);

std::string random_bytes(std::size_t count);      // from the kernel (getrandom(2))
std::string random_password(std::size_t length);  // [A-Za-z0-9]
std::string random_uuid();                        // RFC 9562 version 4, lower case

bool equals_in_constant_time(std::string_view a, std::string_view b);

}  // namespace cadence::base
