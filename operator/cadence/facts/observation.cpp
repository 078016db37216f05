#include "cadence/facts/observation.hpp"

#include "base/text.hpp"

namespace cadence::facts {

bool LiveChild::is_owned_by(const std::string& owner_uid) const {
  const auto& owners = json::at_path(document, {"metadata", "ownerReferences"});
  for (const auto& owner : owners) {
    if (json::string_at(owner, {"uid"}) == owner_uid) return true;
  }
  return false;
}

std::string content_mark(const json::Value& data) {
  return std::to_string(base::fnv1a(json::dump(data.is_null() ? json::Value::object() : data)));
}

std::string certificate_mark(const std::string& base64) { return std::to_string(base::fnv1a(base64)); }

const LiveChild* Observation::child(const std::string& kind, const std::string& name) const {
  const auto found = children.find({kind, name});
  return found == children.end() ? nullptr : &found->second;
}

}  // namespace cadence::facts
