#include "kube/core/resource_version.hpp"

namespace cadence::kube::core {
namespace {

bool is_well_formed(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
         (text.size() == 1 || text[0] != '0');
}

}  // namespace

std::optional<int> compare_resource_versions(std::string_view a, std::string_view b) {
  if (!is_well_formed(a) || !is_well_formed(b)) return std::nullopt;
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

}  // namespace cadence::kube::core
