// Keys of Secrets that several rooms read and write.
#pragma once

namespace cadence::names {

// Of passwords that were replaced, before the key's own name; agents and the operator try them too.
inline constexpr const char* kPreviousKey = "previous-";

}  // namespace cadence::names
