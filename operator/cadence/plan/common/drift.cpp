#include "cadence/plan/common/drift.hpp"

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "cadence/names/annotations.hpp"

namespace cadence::plan {
namespace {

bool is_empty(const json::Value& value) {
  return value.is_null() || ((value.is_object() || value.is_array()) && value.empty()) ||
         (value.is_string() && value.get_ref<const std::string&>().empty());
}

bool same_quantity(const json::Value& a, const json::Value& b) {
  if (!a.is_string() || !b.is_string()) return false;
  const auto x = base::parse_milli_quantity(a.get_ref<const std::string&>());
  const auto y = base::parse_milli_quantity(b.get_ref<const std::string&>());
  return x && y && *x == *y;
}

bool holds_quantities(const std::string& path) {
  for (const char* name : {".requests.", ".limits.", ".requests", ".limits"}) {
    if (path.find(name) != std::string::npos) return true;
  }
  return false;
}

std::string drift_at(const json::Value& intent, const json::Value& live, const std::string& path);

// Lists of what is allowed: the API server takes each as a whole, and one entry more opens a door.
bool is_whole(const std::string& path) {
  for (const char* list : {"spec.ingress", "spec.egress", "rules", "subjects"}) {
    if (path.starts_with(list)) return true;
  }
  return false;
}

// Objects in a list are matched by content, because the API server keys them by name, port, path or type, depending on
// the list.
std::string list_drift(const json::Value& intent, const json::Value& live, const std::string& path) {
  if (is_whole(path) && live.size() != intent.size()) return path;
  const bool has_objects = !intent.empty() && intent.front().is_object();
  if (!has_objects) return intent == live ? "" : path;
  for (std::size_t i = 0; i < intent.size(); ++i) {
    bool found = false;
    for (const auto& candidate : live) {
      if (drift_at(intent[i], candidate, path).empty()) {
        found = true;
        break;
      }
    }
    if (!found) return path + "[" + std::to_string(i) + "]";
  }
  return "";
}

std::string drift_at(const json::Value& intent, const json::Value& live, const std::string& path) {
  if (is_empty(intent) && is_empty(live)) return "";
  if (intent.is_object() && live.is_object()) {
    for (const auto& [key, wanted] : intent.items()) {
      const auto found = live.find(key);
      if (found == live.end() && is_empty(wanted)) continue;
      const auto child = path.empty() ? key : path + "." + key;
      const auto drift = found == live.end() ? child : drift_at(wanted, *found, child);
      if (!drift.empty()) return drift;
    }
    return "";
  }
  if (intent.is_array() && live.is_array()) return list_drift(intent, live, path);
  if (intent == live) return "";
  return holds_quantities(path) && same_quantity(intent, live) ? "" : path;
}

}  // namespace

std::string fingerprint(const json::Value& intent) {
  const auto hash = base::fnv1a(json::dump(intent));
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift & 255);
  return base::to_hex(bytes);
}

json::Value with_fingerprint(json::Value intent) {
  const auto hash = fingerprint(intent);
  intent["metadata"]["annotations"][names::kIntentAnnotation] = hash;
  return intent;
}

std::string first_drift(const json::Value& intent, const json::Value& live) {
  if (json::string_at(live, {"metadata", "annotations", names::kIntentAnnotation}) != fingerprint(intent))
    return "intent";
  return drift_at(intent, live, "");
}

}  // namespace cadence::plan
