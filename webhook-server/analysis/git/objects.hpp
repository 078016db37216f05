// What the analysis sees of a repository: raw objects by name, and how to read a commit and a tree out of their bytes.
// Promises: parsing never fails on hostile bytes, it reads what is there. Knows neither files nor libgit2; the owner of an
// ObjectView decides where bytes come from. One view serves one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/git/oid.hpp"
#include "base/result.hpp"

namespace cadence::analysis::git {

enum class ObjectKind { Commit, Tree, Blob };

class ObjectView {
 public:
  virtual ~ObjectView() = default;
  // The object's content without git's header; an error when it is missing, damaged or of another kind.
  virtual base::Result<std::string> read(const Oid& oid, ObjectKind kind) = 0;
  // Its size in bytes, without reading its content.
  virtual base::Result<std::uint64_t> size(const Oid& oid) = 0;
};

struct Commit {
  Oid tree;
  std::vector<Oid> parents;
  std::string author;
  std::string email;
  std::int64_t time = 0;  // author date, seconds since 1970
  std::string message;    // bytes as stored, final newline included
};

Commit parse_commit(std::string_view content);

enum class EntryMode : std::uint32_t { Directory = 0040000, Regular = 0100644, Executable = 0100755, Symlink = 0120000, Submodule = 0160000 };

struct TreeEntry {
  std::string name;
  EntryMode mode = EntryMode::Regular;
  Oid oid;
};

// The entries in stored order; reading stops at the first malformed one. 100664 and other odd file modes become Regular.
std::vector<TreeEntry> parse_tree(std::string_view content);

// A NUL among the first 8000 bytes.
bool is_binary(std::string_view content);

}  // namespace cadence::analysis::git
