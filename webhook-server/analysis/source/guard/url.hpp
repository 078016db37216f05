// Which repository URLs and branch names may be used at all. Pure: looks at text, resolves nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::analysis::source {

struct RepositoryUrl {
  bool is_local = false;  // a path or a file: URL
  std::string scheme;     // lower case; empty for a path
  std::string host;       // lower case, without the brackets of an IPv6 address; empty when local
};

// Refuses other schemes, over-long URLs, control characters and hosts that could be taken for options. Invalid, or
// Forbidden for local ones that are not allowed.
base::Result<RepositoryUrl> parse_repository_url(std::string_view url, bool allow_local);

// The URL as a sentence may show it: no user, no password, no query, no control characters, at most 200 bytes.
std::string printable_url(std::string_view url);
// The URL without the name and the password before its host: what answers may show to anybody. Page URLs may come
// without a scheme.
std::string without_credentials(std::string_view url);

// Lower-case letters, digits and . - _ or, for an IPv6 address, : and nothing that looks like an option.
bool is_host_name(std::string_view host);

// git's rules for a name below refs/heads/; Invalid with the reason.
base::Result<void> check_branch(std::string_view branch);

// "host" itself or, for "*.host", anything below it; letter case does not matter.
bool is_listed_host(const std::vector<std::string>& hosts, std::string_view host);

}  // namespace cadence::analysis::source
