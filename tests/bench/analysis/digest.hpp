// One number for everything in a result except the moments it was made at: two results are equal when their numbers
// are.
#pragma once

#include <cstdint>

#include "analysis/git/result.hpp"

namespace cadence::bench {

std::uint64_t digest_of(const analysis::git::AnalysisResult& result);

}  // namespace cadence::bench
