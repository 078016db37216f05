// From argv, environment and file to one Config. Promises: --help fits a screen; wrong use is one clear line and exit
// code 2, a configuration that cannot work is exit code 1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/analyze_line.hpp"
#include "config/config.hpp"

namespace cadence::config {

struct CommandLine {
  std::optional<int> exit_code;  // set: print `text` and leave with it
  std::string text;
  Config config;
  std::vector<std::string> warnings;
  std::optional<AnalyzeLine> analyze;  // set: one analysis instead of the server
};

// `analyze` needs no webhook secret; of the configuration it uses what is said of the analysis and of fetching.
CommandLine read_command_line(std::vector<std::string> arguments, const Environment& environment);

}  // namespace cadence::config
