// Prints the CRD manifests; `cadence-crds > crds/cadence.noslop.tech.yaml` refreshes crds/, a test fails when they
// drift.
#include <iostream>

#include "cadence/api/cluster.hpp"

int main() {
  std::cout << "# Generated from operator/cadence/api by cadence-crds: edit the field tables instead.\n"
            << cadence::json::dump_yaml(cadence::api::custom_resource_definition());
}
