#include "kube/types/discovery.hpp"

namespace cadence::kube::types {

using json::field;

json::Object EndpointConditions::json_fields() {
  return {.name = "EndpointConditions",
          .fields = {field<&EndpointConditions::ready>("ready"), field<&EndpointConditions::serving>("serving"),
                     field<&EndpointConditions::terminating>("terminating")},
          .rules = {}};
}

json::Object EndpointTarget::json_fields() {
  return {.name = "EndpointTarget",
          .fields = {field<&EndpointTarget::kind>("kind"), field<&EndpointTarget::name>("name"),
                     field<&EndpointTarget::namespace_>("namespace"), field<&EndpointTarget::uid>("uid")},
          .rules = {}};
}

json::Object Endpoint::json_fields() {
  return {.name = "Endpoint",
          .fields = {field<&Endpoint::addresses>("addresses"), field<&Endpoint::conditions>("conditions"),
                     field<&Endpoint::target_ref>("targetRef"), field<&Endpoint::node_name>("nodeName"),
                     field<&Endpoint::zone>("zone")},
          .rules = {}};
}

json::Object EndpointPort::json_fields() {
  return {.name = "EndpointPort",
          .fields = {field<&EndpointPort::name>("name"), field<&EndpointPort::protocol>("protocol"),
                     field<&EndpointPort::port>("port")},
          .rules = {}};
}

const core::KindInfo& EndpointSlice::kind_info() {
  static const core::KindInfo info{
      .group = "discovery.k8s.io", .version = "v1", .kind = "EndpointSlice", .plural = "endpointslices"};
  return info;
}

json::Object EndpointSlice::json_fields() {
  return {.name = "EndpointSlice",
          .fields = {field<&EndpointSlice::metadata>("metadata"), field<&EndpointSlice::address_type>("addressType"),
                     field<&EndpointSlice::endpoints>("endpoints"), field<&EndpointSlice::ports>("ports")},
          .rules = {}};
}

}  // namespace cadence::kube::types
