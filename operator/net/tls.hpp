// What a TLS endpoint is made of, as PEM text. No files, no sockets: the caller reads and rotates.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace cadence::net {

struct ClientTls {
  // the trusted roots; empty refuses every server unless is_verified or trusts_system says otherwise
  std::string ca_pem{};
  std::string certificate_pem{};  // optional client certificate with its key
  std::string key_pem{};
  std::string server_name{};  // overrides the name checked and sent as SNI
  bool is_verified = true;
  bool trusts_system = false;  // the machine's own roots as well as ca_pem: for servers on the internet
  bool operator==(const ClientTls&) const = default;
};

// Whether a text holds PEM certificates (RFC 7468 §5), one or more, and no damaged block; other blocks and words may
// stand beside them.
base::Result<void> check_certificates(const std::string& pem);

struct ServerTls {
  std::string certificate_pem, key_pem;
  std::string client_ca_pem{};  // set: clients must present a certificate of this CA
  std::string client_name{};    // set as well: and that certificate must be valid for this name
};

// Where a client connects. `host` is a name or an address; IPv6 literals without brackets.
struct Origin {
  std::string host;
  std::uint16_t port = 443;
  std::optional<ClientTls> tls{};
  // Looks at each address of the host, in numbers, after its name was resolved. A connection is made to one of these
  // and only when none was refused, so a second answer of the name server changes nothing. Beast's connections only.
  std::function<base::Result<void>(const std::string& address)> check_address{};
};

}  // namespace cadence::net
