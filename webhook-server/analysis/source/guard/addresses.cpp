#include "analysis/source/guard/addresses.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

namespace cadence::analysis::source {
namespace {

using Bytes6 = std::array<std::uint8_t, 16>;

struct Block4 {
  std::uint32_t network;
  unsigned bits;
};

constexpr std::uint32_t address4(unsigned a, unsigned b, unsigned c, unsigned d) {
  return a << 24U | b << 16U | c << 8U | d;
}

// RFC 6890 and its successors: everything that is not globally reachable.
constexpr Block4 kNotPublic4[] = {
    {address4(0, 0, 0, 0), 8},      {address4(10, 0, 0, 0), 8},     {address4(100, 64, 0, 0), 10},
    {address4(127, 0, 0, 0), 8},    {address4(169, 254, 0, 0), 16}, {address4(172, 16, 0, 0), 12},
    {address4(192, 0, 0, 0), 24},   {address4(192, 0, 2, 0), 24},   {address4(192, 88, 99, 0), 24},
    {address4(192, 168, 0, 0), 16}, {address4(198, 18, 0, 0), 15},  {address4(198, 51, 100, 0), 24},
    {address4(203, 0, 113, 0), 24}, {address4(224, 0, 0, 0), 4},    {address4(240, 0, 0, 0), 4}};

bool is_public4(std::uint32_t address) {
  return std::none_of(std::begin(kNotPublic4), std::end(kNotPublic4),
                      [&](const Block4& block) { return (address ^ block.network) >> (32 - block.bits) == 0; });
}

std::uint32_t embedded4(const Bytes6& bytes, std::size_t at) {
  return address4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool starts_with(const Bytes6& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

bool is_public6(const Bytes6& bytes) {
  const bool ten_zeros = std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; });
  if (ten_zeros && ((bytes[10] == 0xff && bytes[11] == 0xff) || (bytes[10] == 0 && bytes[11] == 0))) {
    return is_public4(embedded4(bytes, 12));  // ::ffff:a.b.c.d and ::a.b.c.d; :: and ::1 fall into 0.0.0.0/8
  }
  // NAT64
  if (starts_with(bytes, {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return is_public4(embedded4(bytes, 12));
  // 6to4
  if (starts_with(bytes, {0x20, 0x02})) return is_public4(embedded4(bytes, 2));
  // documentation
  if (starts_with(bytes, {0x20, 0x01, 0x0d, 0xb8})) return false;
  // 2001::/23: Teredo, benchmarks, identifiers
  if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] <= 0x01) return false;
  // 2000::/3 is all that is assigned globally
  return (bytes[0] & 0xe0U) == 0x20U;
}

}  // namespace

bool is_public_address(const Address& address) {
  if (address.family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.storage, sizeof in);
    return is_public4(ntohl(in.sin_addr.s_addr));
  }
  if (address.family != AF_INET6) return false;
  sockaddr_in6 in{};
  std::memcpy(&in, &address.storage, sizeof in);
  Bytes6 bytes{};
  std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
  return is_public6(bytes);
}

std::string printable_address(const Address& address) {
  char text[NI_MAXHOST] = "?";
  const auto* socket_address = reinterpret_cast<const sockaddr*>(&address.storage);
  if (getnameinfo(socket_address, address.length, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return text;
}

namespace {

base::Result<std::vector<Address>> look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_family = AF_UNSPEC;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  if (const int code = getaddrinfo(host.c_str(), port.c_str(), &hints, &list); code != 0) {
    const auto kind = code == EAI_AGAIN ? base::ErrorKind::Transient : base::ErrorKind::NotFound;
    return base::Error{kind,
                       "DNS: the host " + host + " could not be resolved (" + gai_strerror(code) + "). Check its name"};
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  std::vector<Address> addresses;
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    if (item->ai_addrlen > sizeof(sockaddr_storage)) continue;
    Address address;
    address.family = item->ai_family;
    address.length = item->ai_addrlen;
    std::memcpy(&address.storage, item->ai_addr, item->ai_addrlen);
    addresses.push_back(address);
  }
  return addresses;
}

// Written in numbers; Invalid for anything else.
base::Result<Address> parse_address(const std::string& numbers) {
  auto addresses = look_up(numbers, "0", AI_NUMERICHOST);
  if (!addresses || addresses->empty())
    return base::Error{base::ErrorKind::Invalid, numbers + " is no address in numbers"};
  return addresses->front();
}

}  // namespace

base::Result<std::vector<Address>> resolve(const std::string& host, const std::string& port) {
  return look_up(host, port, 0);
}

base::Result<void> check_public(const std::string& host, const Address& address) {
  if (is_public_address(address)) return base::ok();
  return base::Error{base::ErrorKind::Forbidden,
                     "the host " + host + " has the address " + printable_address(address) +
                         ", which is not public. Add the host to clone.allowed_hosts if it should be reached"};
}

base::Result<void> check_public(const std::string& host, const std::string& numbers) {
  const auto address = parse_address(numbers);
  return address ? check_public(host, *address) : base::Result<void>(address.error());
}

}  // namespace cadence::analysis::source
