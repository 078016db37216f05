// What differs between two trees, file by file, with renames found. Pure apart from the ObjectView it reads through.
// Promises: one deterministic list, sorted by the old path (the new path for adds); equal subtrees are never read.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "analysis/git/objects.hpp"
#include "analysis/git/options.hpp"

namespace cadence::analysis::git {

struct FileSide {
  std::string path;
  EntryMode mode = EntryMode::Regular;
  Oid oid;
  // Submodules are entries, not files.
  [[nodiscard]] bool is_file() const { return mode != EntryMode::Submodule; }
};

// An add has no old side, a delete no new one; a rename is a change with two different paths.
struct Change {
  std::optional<FileSide> before;
  std::optional<FileSide> after;
};

// Fails when one of the trees or a changed subtree cannot be read, or `stop` was asked for.
base::Result<std::vector<Change>> compare_trees(ObjectView& objects, const Oid& before, const Oid& after,
                                                const Bounds& bounds, std::stop_token stop);

}  // namespace cadence::analysis::git
