// The `postgres` subcommand of cadence-agent.
#pragma once

namespace CLI {
class App;
}

namespace cadence::agent::postgres {

// Runs until the end of the pod's life when chosen, and leaves the exit code.
void add_command(CLI::App& app, int& exit_code);

}  // namespace cadence::agent::postgres
