// The state of the world as text that two runs can be compared by: one line an object, without what time, chance and
// the order of things decide (identities, stamps, addresses, secret values, positions).
#pragma once

#include <map>
#include <string>

#include "world.hpp"

namespace cadence::exploration {

using Picture = std::map<std::string, std::string>;  // by kind and name

Picture picture_of(const kube::testing::Objects& objects);
// What differs, a line each; empty: nothing.
std::string difference(const Picture& expected, const Picture& found);

}  // namespace cadence::exploration
