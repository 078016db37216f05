// Files of this machine: read whole, and replaced whole or not at all.
// Promises: whoever reads a file that is replaced, or finds it after a crash, has the old text or the new one; what was
// replaced durably is there after a power loss; a write that the kernel cut short goes on; what could not be finished
// leaves no temporary file behind. Errors name the path and the kernel's reason: NotFound, Forbidden, else Transient.
// Knows nothing of what is in them.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::files {

// "Could not read /a/b: No such file or directory"; `code` as in errno.
base::Error failure(const std::string& what, const std::string& path, int code);

base::Result<std::string> read(const std::string& path);
// Of one that may be anything: longer ones are Invalid.
base::Result<std::string> read(const std::string& path, std::size_t most);
// Without the line ends that editors and `echo` leave behind a password.
base::Result<std::string> read_secret(const std::string& path);

struct Way {
  mode_t mode = 0600;
  bool is_durable = true;          // else whole or not at all, but for a power loss
  bool is_foreign_folder = false;  // "<path>.new" may be somebody's file: the temporary name is one that nobody has
};
// One writer of a path at a time, but in a foreign folder: the temporary name is the same for all.
base::Result<void> replace(const std::string& path, std::string_view text, const Way& way = {});

// Into an open file, all of it; false: errno says why not.
bool write_all(int file, std::string_view bytes);
// What was made, renamed and removed in it lasts. Some file systems cannot do it; there that is as durable as it gets.
base::Result<void> sync_folder(const std::string& path);

}  // namespace cadence::files
