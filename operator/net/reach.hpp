// Is anybody listening there? One TCP connection attempt, told apart by how it fails (RFC 9293 §3.5.2: a reset means
// that the machine lives and nobody listens). Promises: bounded by `at_most`; sends no byte.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cadence::net {

enum class Reached { Open, Refused, Silent };

// `address`: an IPv4 or IPv6 literal; anything else is Silent.
Reached reach(const std::string& address, std::uint16_t port, std::chrono::milliseconds at_most);

}  // namespace cadence::net
