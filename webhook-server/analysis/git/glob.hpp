// Shell-style patterns of excluded files. Promises: time bounded by pattern times path, a malformed pattern matches
// nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cadence::analysis::git {

// The whole of `text` matches: * any run without /, ? one character except /, [a-z] and [^a-z], \ escapes.
bool matches_glob(std::string_view pattern, std::string_view text);

// Some pattern matches the path's base name or its whole path, or ends in "/**" and matches a folder above it.
bool is_excluded(const std::vector<std::string>& patterns, std::string_view path);

}  // namespace cadence::analysis::git
