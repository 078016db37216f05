#include "analysis/git/place_table.hpp"

#include "base/text.hpp"

namespace cadence::analysis::git {
namespace {

HashSeed random_seed() {
  HashSeed seed;
  const std::string bytes = base::random_bytes(sizeof seed);
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return {seed.first | 1U, seed.second | 1U};
}

}  // namespace

const HashSeed kHashSeed = random_seed();

}  // namespace cadence::analysis::git
