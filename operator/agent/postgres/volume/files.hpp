// Files as the agent needs them: read whole, written so that a crash leaves the old or the new one, folders renamed
// durably.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::agent::postgres {

base::Result<std::string> read_file(const std::string& path);  // NotFound when it is not there
// Writes beside the target, syncs, renames. `mode` holds from the first byte on.
base::Result<void> write_file(const std::string& path, std::string_view text, mode_t mode);
base::Result<void> make_directory(const std::string& path, mode_t mode);  // one that exists gets the mode
base::Result<void> remove_tree(const std::string& path);                  // nothing there is fine
base::Result<void> rename_durably(const std::string& from, const std::string& to);
bool exists(const std::string& path);
bool is_empty_directory(const std::string& path);  // also when missing; lost+found does not count

}  // namespace cadence::agent::postgres
