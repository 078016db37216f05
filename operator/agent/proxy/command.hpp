// The subcommand `cadence-agent proxy`. Knows its flags; the work is Follower's.
#pragma once

namespace CLI {
class App;
}

namespace cadence::agent::proxy {

void add_command(CLI::App& app, int& exit_code);

}  // namespace cadence::agent::proxy
