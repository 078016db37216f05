// What earlier analyses of a repository found out about single commits and pairs. All of it depends on the commits'
// names and the options only, so that a result never depends on whether it was remembered. Knows no files.
#pragma once

#include <optional>

#include "analysis/git/objects.hpp"

namespace cadence::analysis::git {

struct Verdict;

class Memory {
 public:
  virtual ~Memory() = default;
  // Fills in tree, parents, author and time, but no message, for most are not asked for; false when the commit is not
  // known.
  virtual bool recall(const Oid& oid, Commit& commit) = 0;
  virtual std::optional<std::string> message(const Oid& oid) = 0;
  virtual void learn(const Oid& oid, const Commit& commit) = 0;
  // The first pass over a pair, under the options that this memory was opened for.
  virtual std::optional<Verdict> verdict(const Oid& current, const Oid& previous) = 0;
  virtual void learn(const Oid& current, const Oid& previous, const Verdict& verdict) = 0;
};

}  // namespace cadence::analysis::git
