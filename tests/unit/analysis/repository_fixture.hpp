// A repository of the test's own, made with the real git, and what its analysis says.
#pragma once

#include <gtest/gtest.h>

#include "analysis/source/git/repository.hpp"
#include "scratch_repository.hpp"

namespace cadence::analysis::source {

struct Repository : ::testing::Test {
  ScratchFolder folder;
  ScratchRepository repository{folder.path() / "a"};

  base::Result<git::AnalysisResult> analysed(const StartPoint& start = {}, const AnalyseOptions& options = {},
                                             std::stop_token stop = {}) {
    return analyse(repository.path(), start, options, std::move(stop));
  }
  struct Tips {
    std::string first, side, trunk;
  };
  // One commit, and one more on each of two branches; trunk is checked out.
  Tips fork() {
    Tips tips;
    repository.write("a", "1\n");
    tips.first = repository.commit("first");
    repository.git("checkout -q -b side");
    repository.write("b", "1\n");
    tips.side = repository.commit("side");
    repository.git("checkout -q trunk");
    repository.write("c", "1\n");
    tips.trunk = repository.commit("trunk");
    return tips;
  }
  std::string message(const StartPoint& start = {}) {
    const auto result = analysed(start);
    return result ? "" : result.error().message;
  }
};

}  // namespace cadence::analysis::source
