// `cadence-agent redis`: PID 1 of a Redis pod, and its probes (--ready, --live). Knows the command line; what it does
// is in the other files.
#pragma once

namespace CLI {
class App;
}

namespace cadence::agent::redis {

// Adds the subcommand; when it was chosen and ran, its exit code is in exit_code.
void add_command(CLI::App& app, int& exit_code);

}  // namespace cadence::agent::redis
