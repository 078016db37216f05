// Notes as text, for the store. Pure. Promises: what was written is read back; a text that is none, or another
// version's, is the notes of a hook that nobody has looked at.
#pragma once

#include <string>

#include "recovery/gaps.hpp"

namespace cadence::recovery {

std::string text_of(const Notes& notes);
Notes notes_of(const std::string& text);

}  // namespace cadence::recovery
