#include "cadence/facts/load_balancer.hpp"

#include "cadence/names/names.hpp"

namespace cadence::facts {

bool keeps_haproxy(const Observation& observation) {
  const auto name = names::Names(observation.cluster->metadata.name).lb();
  const bool stands = observation.child("Deployment", name) != nullptr || observation.child("Service", name) != nullptr;
  return observation.cluster->spec.load_balancer.type == "Nginx" && stands;
}

}  // namespace cadence::facts
