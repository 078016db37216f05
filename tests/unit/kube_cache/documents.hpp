// Objects and events as the API server words them, for the tests of this folder.
#pragma once

#include <string>

#include "json/value.hpp"

namespace cadence::kube::cache {

inline json::Value object(const std::string& name, const std::string& version) {
  return {{"metadata", {{"name", name}, {"namespace", "demo"}, {"uid", "uid-" + name}, {"resourceVersion", version}}}};
}
inline json::Value bookmark(const std::string& version, bool is_end = false) {
  json::Value out{{"metadata", {{"resourceVersion", version}}}};
  if (is_end) out["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  return out;
}
inline json::Value status(int code, const std::string& reason = "", const std::string& cause = "") {
  json::Value out{{"kind", "Status"}, {"code", code}, {"reason", reason}};
  if (!cause.empty()) out["details"]["causes"] = json::Value::array({{{"reason", cause}}});
  return out;
}
inline std::string line(const std::string& type, const json::Value& object) {
  return json::dump({{"type", type}, {"object", object}}) + "\n";
}

}  // namespace cadence::kube::cache
