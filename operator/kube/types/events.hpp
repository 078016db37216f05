// Event (events.k8s.io/v1): what happened to an object, for people.
#pragma once

#include <optional>

#include "kube/core/meta.hpp"

namespace cadence::kube::types {

struct ObjectReference {
  std::string api_version, kind, name, namespace_, uid, resource_version;
  static json::Object json_fields();
};

struct EventSeries {
  std::int32_t count = 0;
  std::string last_observed_time;  // MicroTime
  static json::Object json_fields();
};

struct Event {
  core::ObjectMeta metadata;
  std::string event_time, action, reason, note, type, reporting_controller, reporting_instance;
  ObjectReference regarding;
  std::optional<ObjectReference> related;  // what was done to, where that is another object
  std::optional<EventSeries> series;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
