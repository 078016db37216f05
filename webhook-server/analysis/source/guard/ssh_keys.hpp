// What ssh needs of a folder of credentials: private keys, and the keys by which servers are known, in OpenSSH's
// formats (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"; PROTOCOL.key). Promises: no message shows a private key. Pure: looks
// at text only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::source {

bool is_private_key(std::string_view text);
// Invalid when the key is cut off or damaged, or can be used with a passphrase only, for nobody is there to type it.
base::Result<void> check_private_key(std::string_view text);

struct KnownHost {
  std::string name;  // "host", or "[host]:port" where the port is not 22; lower case
  std::string key;   // as sent by the server
};

// Invalid, with the number of the line; hashed names, patterns and markers are not supported.
base::Result<std::vector<KnownHost>> parse_known_hosts(std::string_view text);

// Says why the server with this key is not the one that was meant.
base::Result<void> check_host_key(const std::vector<KnownHost>& known, std::string_view host, std::string_view port,
                                  std::string_view key);

}  // namespace cadence::analysis::source
