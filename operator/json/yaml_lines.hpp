// Where the parts of a YAML text stand, for messages about what was read from it.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cadence::json {

// The line, from 1, of each member and item: "a.b[0].c". Empty when the text is no YAML.
std::map<std::string, int> yaml_lines(std::string_view text);

}  // namespace cadence::json
