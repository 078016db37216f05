// What the vendors of a trace keep in it for themselves: the header tracestate of W3C Trace Context (level 1, 3.3).
// Pure. Promises: what does not keep to the letter of the specification is nothing, and so is all of it; what is passed
// on has at most 32 entries and 512 characters, and who has to be left out goes whole, the long ones first.
#pragma once

#include <string>
#include <string_view>

namespace cadence::trace {

// `text`: the values of all such headers, in their order, with commas between them.
std::string read_tracestate(std::string_view text);

}  // namespace cadence::trace
