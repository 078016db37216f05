// What single commits added, as text to show. Promises: bounded in bytes; files that the rules leave out stay out;
// never fails, a commit that cannot be read has an empty text.
#pragma once

#include <cstddef>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "analysis/git/options.hpp"

namespace cadence::analysis::source {

// For each commit, by its hash, the lines it added to its first parent: whole ones, up to `most_bytes` in all.
std::vector<std::string> added_lines(const std::filesystem::path& repository, const std::vector<std::string>& commits,
                                     std::size_t most_bytes, const git::AnalysisOptions& rules, std::stop_token stop);

}  // namespace cadence::analysis::source
