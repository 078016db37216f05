// What git stores of an object as its difference from another (Documentation/gitformat-pack.txt, "Deltified
// representation"). Promises: reads and writes nothing beyond what it is given, whatever the bytes say.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cadence::analysis::source {

// Seven bits a byte, the lowest first; taken off `bytes`. Nothing where they do not end.
std::optional<std::uint64_t> take_size(std::string_view& bytes);

// `delta` after its two sizes. False unless its commands fill `into` exactly.
bool apply_delta(std::string_view delta, std::string_view base, std::span<char> into);

}  // namespace cadence::analysis::source
