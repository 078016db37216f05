#include "kube/types/events.hpp"

namespace cadence::kube::types {

using json::field;

json::Object ObjectReference::json_fields() {
  return {.name = "ObjectReference",
          .fields = {field<&ObjectReference::api_version>("apiVersion"), field<&ObjectReference::kind>("kind"),
                     field<&ObjectReference::name>("name"), field<&ObjectReference::namespace_>("namespace"),
                     field<&ObjectReference::uid>("uid"), field<&ObjectReference::resource_version>("resourceVersion")},
          .rules = {}};
}

json::Object EventSeries::json_fields() {
  return {.name = "EventSeries",
          .fields = {field<&EventSeries::count>("count"), field<&EventSeries::last_observed_time>("lastObservedTime")},
          .rules = {}};
}

json::Object Event::json_fields() {
  return {.name = "Event",
          .fields = {field<&Event::metadata>("metadata"), field<&Event::event_time>("eventTime"),
                     field<&Event::action>("action"), field<&Event::reason>("reason"), field<&Event::note>("note"),
                     field<&Event::type>("type"), field<&Event::reporting_controller>("reportingController"),
                     field<&Event::reporting_instance>("reportingInstance"), field<&Event::regarding>("regarding"),
                     field<&Event::related>("related"), field<&Event::series>("series")},
          .rules = {}};
}

const core::KindInfo& Event::kind_info() {
  static const core::KindInfo info{"events.k8s.io", "v1", "Event", "events", true};
  return info;
}

}  // namespace cadence::kube::types
