// For programs of tests that fetch: they are their own child.
#include <gtest/gtest.h>

#include "analysis/source/git/fetch_child.hpp"

int main(int argc, char** argv) {
  if (const auto code = cadence::analysis::source::run_fetch_child(argc, argv)) return *code;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
