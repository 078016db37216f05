// Where a report goes. Promises: a file appears whole or not at all; what was there before stays until then.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::analyze {

// Through a file beside it that is renamed; a link is followed, a device or pipe is written to as it is.
base::Result<void> write_file(const std::string& path, std::string_view text);

base::Result<void> write_standard_output(std::string_view text);

}  // namespace cadence::analyze
