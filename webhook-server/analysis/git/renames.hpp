// Which added file is a deleted one under a new name: first by equal content, then by similar content. Promises: the
// same answer for the same lists, whatever their history; ties go by path order.
#pragma once

#include <stop_token>
#include <vector>

#include "analysis/git/changes.hpp"

namespace cadence::analysis::git {

// Both lists sorted by path. Each file ends in one change, except an add whose content equals several deletes' and
// whose best namesake cannot be taken: it is lost.
std::vector<Change> match_renames(ObjectView& objects, std::vector<FileSide> adds, std::vector<FileSide> deletes,
                                  const Bounds& bounds, std::stop_token stop);

}  // namespace cadence::analysis::git
