// Which network addresses belong to the public internet. Pure for an address at hand; resolve() asks the system.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::source {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family = AF_UNSPEC;
};

// False for loopback, link-local, private, unique-local, carrier-grade NAT, multicast, documentation and reserved
// addresses, and for IPv6 addresses that carry such an IPv4 one (mapped, compatible, NAT64, 6to4) or may tunnel to one
// (Teredo).
bool is_public_address(const Address& address);

// Nothing for a public one; else Forbidden, a clause that names the host and what to set. Whether the host may have it
// all the same is the caller's question (is_listed_host, clone.allow_private_networks).
base::Result<void> check_public(const std::string& host, const Address& address);
base::Result<void> check_public(const std::string& host, const std::string& numbers);  // no name is looked up

// The numbers of an address, without its port.
std::string printable_address(const Address& address);

// Stream addresses of a host, in the system's order. `port` is a number or a service name.
base::Result<std::vector<Address>> resolve(const std::string& host, const std::string& port);

}  // namespace cadence::analysis::source
