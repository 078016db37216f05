// The analyze command: from what the command line says to a report and an exit code. Promises: a stop ends it soon,
// with its temporary folders removed; errors are one line on standard error.
#pragma once

#include <stop_token>

#include "config/command_line.hpp"

namespace cadence::analyze {

enum ExitCode { kDone = 0, kFailed = 1, kWrongUse = 2, kAboveLimit = 3 };

// After a stop the exit code is the caller's to choose.
int run(const config::AnalyzeLine& line, const config::Config& config, std::stop_token stop);

}  // namespace cadence::analyze
