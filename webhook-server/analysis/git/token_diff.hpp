// The public Diff-Match-Patch algorithm on sequences of line numbers: half match on, no inner line mode, no time limit.
// Promises: the chunks, joined, give both sequences again; work is bounded in steps. Knows no text.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cadence::analysis::git {

using Token = std::uint32_t;
using Tokens = std::vector<Token>;

enum class Edit : std::uint8_t { Equal, Delete, Insert };

struct Chunk {
  Edit edit = Edit::Equal;
  Tokens tokens;
  bool operator==(const Chunk&) const = default;
};

// When `steps` runs out, what is left becomes one deletion and one insertion.
std::vector<Chunk> diff_tokens(std::span<const Token> before, std::span<const Token> after, std::uint64_t steps);

// The merge clean-up alone: joins neighbours, factors out what a deletion and an insertion share, slides single edits.
void clean_up(std::vector<Chunk>& chunks);

}  // namespace cadence::analysis::git
