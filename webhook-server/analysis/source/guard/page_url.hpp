// Addresses of web pages: taken apart, checked, and followed from one to the next (RFC 3986). Pure: resolves nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::analysis::source {

struct PageUrl {
  bool is_secure = true;
  std::string host;  // lower case, without the brackets of an IPv6 address
  std::uint16_t port = 443;
  // path and query, percent-encoded where a request needs it; the fragment is the browser's business
  std::string target = "/";

  [[nodiscard]] std::string text() const;
  bool operator==(const PageUrl&) const = default;
};

// https:// is put in front of what names neither http nor https, in any letter case. User and password are dropped.
// Invalid with the reason for other schemes, hosts that are none, and more than 2048 bytes.
base::Result<PageUrl> parse_page_url(std::string_view url);

// Where a redirect leads: `location` may be a whole URL or any part of one.
base::Result<PageUrl> follow(const PageUrl& from, std::string_view location);

}  // namespace cadence::analysis::source
