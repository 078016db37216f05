#include "ingest/keys.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace cadence::ingest {
namespace {

TEST(DeliveryKeys, AreTheIdAndTheBodyWithinScopeAndRepository) {
  const auto key = [](const char* scope, const char* repository, const char* id, const char* body) {
    return keys_of({.provider = "github", .scope = scope, .repository = repository, .id = id}, body);
  };
  const auto first = key("*", "a/b", "d1", "x");
  EXPECT_EQ(first.delivery.size(), 16u);
  EXPECT_EQ(first.body.size(), 16u);
  EXPECT_EQ(key("*", "A/B", "d1", "y").delivery, first.delivery) << "an id is one delivery, whatever its body";
  EXPECT_EQ(key("*", "a/b", "d2", "x").body, first.body) << "a replay under another id";
  for (const auto& other : {key("*", "a/b", "d2", "y"), key("a/*", "a/b", "d1", "x"), key("*", "a/c", "d1", "x")}) {
    EXPECT_NE(other.delivery, first.delivery);
    EXPECT_NE(other.body, first.body);
  }
  EXPECT_EQ(key("*", "a/b", "", "x").delivery, first.body);
  EXPECT_EQ(key("*", "a/b", "", "x").body, "");
}

TEST(DeliveryKeys, StayWhatLedgersHold) {
  const auto keys = keys_of({.provider = "github", .scope = "*", .repository = "a/b", .id = "d1"}, "x");
  EXPECT_EQ(base::to_hex(keys.delivery), "945b29e6b4ed9d2effbfa86add93eefb");
  EXPECT_EQ(base::to_hex(keys.body), "ad8fa9558f8a018e35f492201ee992ae");
}

TEST(DeliveryKeys, AreBoundToTheSenderAndThePart) {
  const auto key = [](const char* provider, const char* part) {
    return keys_of({.provider = provider, .scope = "*", .repository = "a/b", .id = "d1", .part = part}, "x").delivery;
  };
  EXPECT_NE(key("github", ""), key("gitea", ""));
  EXPECT_NE(key("github", ""), key("github", "trunk"));
  EXPECT_NE(key("github", "main"), key("github", "trunk"));
}

TEST(DeliveryKeys, ASignedIdNeedsNoBody) {
  Identity identity{.provider = "standard", .scope = "*", .repository = "a/b", .id = "d1"};
  const auto remembered = keys_of(identity, "x");
  identity.remembers_body = false;
  EXPECT_EQ(keys_of(identity, "x").delivery, remembered.delivery);
  EXPECT_EQ(keys_of(identity, "x").body, "");
  identity.id = "";
  EXPECT_EQ(keys_of(identity, "x").delivery, remembered.body) << "without an id the body is the key";
}

}  // namespace
}  // namespace cadence::ingest
