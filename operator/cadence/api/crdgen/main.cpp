// Prints the CRD manifests of all kinds, or of one: `cadence-crds cadenceclusters > crds/cadenceclusters.yaml`
// refreshes a file of crds/, a test fails when they drift.
#include <iostream>

#include "cadence/api/definition.hpp"

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  int printed = 0;
  for (const auto& manifest : cadence::api::custom_resource_definitions()) {
    if (!wanted.empty() && cadence::json::string_at(manifest, {"spec", "names", "plural"}) != wanted) continue;
    if (printed++ > 0) std::cout << "---\n";
    std::cout << "# Generated from operator/cadence/api by cadence-crds: edit the field tables instead.\n"
              << cadence::json::dump_yaml(manifest);
  }
  if (printed == 0) std::cerr << "cadence-crds: no kind of ours has the plural '" << wanted << "'\n";
  return printed > 0 ? 0 : 1;
}
