// What the fuzzers call: each takes any bytes and aborts when a promise is broken.
#pragma once

#include <string_view>

namespace cadence::fuzz {

using Target = void (*)(std::string_view input);

void token_diff(std::string_view input);  // two texts apart at the first NUL: their difference rebuilds the second one
void glob(std::string_view input);        // a pattern and a path apart at the first NUL
void objects(std::string_view input);     // a commit, a tree and a message
void urls(std::string_view input);        // a URL, a branch name and a credential line
void filters(std::string_view input);     // what a git server says first, and what is asked of it
void records(std::string_view input);     // the file of a CheckedLog
// the entries of a pack, with an index that names each of its first bytes as an object
void packs(std::string_view input);

// By the name of its corpus folder; null when there is none.
Target target_named(std::string_view name);

}  // namespace cadence::fuzz
