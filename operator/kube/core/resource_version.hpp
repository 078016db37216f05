// Comparing resource versions of one kind (KEP-5504): decimal digits without a leading zero; the longer is newer, else
// lexically.
#pragma once

#include <optional>
#include <string_view>

namespace cadence::kube::core {

// <0: a is older, 0: same, >0: a is newer; nothing when either is not a version of that form.
std::optional<int> compare_resource_versions(std::string_view a, std::string_view b);

}  // namespace cadence::kube::core
