#include "cadence/resources/common/labels.hpp"

#include "base/text.hpp"

namespace cadence::resources {

kube::core::ObjectMeta child_metadata(const Context& context, const std::string& name, const std::string& component) {
  kube::core::ObjectMeta out;
  out.name = name;
  out.namespace_ = context.space();
  out.labels = names::labels_of(context.name(), component);
  out.owner_references = {names::owner_of(context.cluster)};
  return out;
}

std::string short_hash(const std::string& text) {
  auto hash = base::fnv1a(text);
  std::string bytes(8, '\0');
  for (auto at = bytes.rbegin(); at != bytes.rend(); ++at, hash >>= 8) *at = static_cast<char>(hash & 0xff);
  return base::to_hex(bytes);
}

}  // namespace cadence::resources
