// Full names of repositories, "owner/name", as senders tell them and as configurations list them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cadence::queue {

// Patterns: "owner/name", "owner/*"; empty: all.
bool is_allowed_repository(const std::vector<std::string>& patterns, std::string_view full_name);

// At least two segments of letters, digits and - _ . ~, none of them "." or "..": no URL library resolves or decodes
// any of it.
bool is_plain_repository(std::string_view full_name);

}  // namespace cadence::queue
