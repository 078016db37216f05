// The operator's command line and environment (CADENCE_OPERATOR_…). Wrong use ends the program with code 2 and one
// line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "cadence/resources/common/context.hpp"

namespace cadence {

struct Flags {
  bool is_electing = false, is_dry_run = false;
  std::vector<std::string> namespaces;  // empty: all
  std::string metrics_address = ":8080", health_address = ":8081";
  std::optional<std::string> kubeconfig;
  int workers = 2;
  base::LogFormat log_format = base::LogFormat::Json;
  base::LogLevel log_level = base::LogLevel::Info;
  resources::Images images;
  std::string pod_name, pod_namespace;
};

// Nothing when the program has said what was asked (help, version) or what is wrong: then `exit_code` is set.
std::optional<Flags> parse_flags(int argc, char** argv, int& exit_code);

// ":8080" and "127.0.0.1:8080".
std::optional<std::pair<std::string, std::uint16_t>> parse_bind_address(const std::string& text);

}  // namespace cadence
