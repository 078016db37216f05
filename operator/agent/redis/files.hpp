// The files of a Redis volume and of the run folder: read whole, written whole or not at all, moved out of the way.
// Promises: what write_durably answered with success is there after a power loss; nothing is deleted but what was set
// aside before.
#pragma once

#include <string>

#include "base/result.hpp"

namespace cadence::agent::redis {

std::string read_file(const std::string& path);  // empty when there is none

// Mode 0600. Makes the folder.
base::Result<void> write_durably(const std::string& path, const std::string& text);
// For the run folder, which is memory: whole or not at all, mode 0600.
base::Result<void> write_private(const std::string& path, const std::string& text);

// An append-only log or a snapshot, in whatever state.
bool has_dataset(const std::string& data_folder);

// Moves the dataset, and the node table if asked, to the folder that is returned; what was set aside before goes.
base::Result<std::string> set_aside(const std::string& data_folder, bool with_identity);

}  // namespace cadence::agent::redis
