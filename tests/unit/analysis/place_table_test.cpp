#include "analysis/git/place_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace cadence::analysis::git {
namespace {

Oid oid_of(std::uint64_t number) {
  Oid oid;
  std::memcpy(oid.bytes.data() + 12, &number, sizeof number);  // the first bytes, which are hashed, are all equal
  return oid;
}

struct Records {
  std::vector<Oid> oids;
  PlaceTable table;

  bool add(const Oid& oid, std::uint32_t hash) {
    if (!table.add(hash, static_cast<std::uint32_t>(oids.size()),
                   [&](std::uint32_t place) { return oids[place] == oid; }))
      return false;
    oids.push_back(oid);
    return true;
  }
  std::optional<std::uint32_t> find(const Oid& oid, std::uint32_t hash) const {
    return table.find(hash, [&](std::uint32_t place) { return oids[place] == oid; });
  }
};

TEST(PlaceTable, AnEmptyOneHasNothing) { EXPECT_EQ(Records().find(oid_of(1), 0), std::nullopt); }

TEST(PlaceTable, IsAMap) {
  Records records;
  std::map<std::uint64_t, std::uint32_t> model;
  std::mt19937 dice(3);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t number = dice() % 8000;
    const auto hash = static_cast<std::uint32_t>(number * 0x9E3779B1U);
    const auto known = model.find(number);
    ASSERT_EQ(records.find(oid_of(number), hash), known == model.end() ? std::nullopt : std::optional(known->second));
    ASSERT_EQ(records.add(oid_of(number), hash), known == model.end());
    model.try_emplace(number, static_cast<std::uint32_t>(model.size()));
  }
}

TEST(PlaceTable, EqualHashesAreToldApart) {
  Records records;
  for (std::uint64_t number = 0; number < 500; ++number)
    EXPECT_TRUE(records.add(oid_of(number), place_hash(oid_of(number))));
  for (std::uint64_t number = 0; number < 500; ++number)
    EXPECT_EQ(records.find(oid_of(number), place_hash(oid_of(number))), number);
  EXPECT_EQ(records.find(oid_of(500), place_hash(oid_of(500))), std::nullopt);
}

TEST(PlaceTable, TheOrderOfAPairCounts) {
  Oid one;
  one.bytes[0] = 1;
  Oid two;
  two.bytes[0] = 2;
  EXPECT_NE(place_hash(one, two), place_hash(two, one));
}

}  // namespace
}  // namespace cadence::analysis::git
