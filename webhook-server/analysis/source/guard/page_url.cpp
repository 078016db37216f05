#include "analysis/source/guard/page_url.hpp"

#include <algorithm>

#include "analysis/source/guard/url.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

constexpr std::size_t kLongestUrl = 2048;

base::Error refused(std::string_view url, std::string_view why) {
  return {base::ErrorKind::Invalid, "The page's url \"" + printable_url(url) + "\" was refused: " + std::string(why)};
}

bool has_scheme(std::string_view url, std::string_view scheme) {
  return base::equals_ignoring_case(url.substr(0, scheme.size()), scheme);
}

// Bytes that no request target may hold are encoded; what is encoded already stays.
std::string encoded(std::string_view target) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' &&
        c != '{' && c != '|' && c != '}') {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

// The part behind the host, from its / or ? on, without the fragment.
std::string target_of(std::string_view rest) {
  rest = rest.substr(0, rest.find('#'));
  return rest.starts_with('/') ? encoded(rest) : "/" + encoded(rest);
}

// Without "." and ".." (RFC 3986 §5.2.4).
std::string without_dots(std::string_view target) {
  const std::size_t path_end = std::min(target.find('?'), target.size());
  std::vector<std::string> kept;
  const auto parts = base::split(target.substr(1, path_end - 1), '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    if (parts[i] == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (parts[i] != ".") {
      kept.push_back(parts[i]);
      continue;
    }
    if (is_last) kept.emplace_back();
  }
  return "/" + base::join(kept, "/") + std::string(target.substr(path_end));
}

base::Result<PageUrl> parse_absolute(std::string_view url, bool is_secure, std::string_view after_scheme) {
  PageUrl parsed;
  parsed.is_secure = is_secure;
  std::string_view authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
  parsed.target = target_of(after_scheme.substr(authority.size()));
  authority = authority.substr(authority.rfind('@') + 1);
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = std::min(authority.find(']'), authority.size());
    host = authority.substr(1, end - 1);
    port = authority.substr(std::min(end + 1, authority.size()));
    const bool is_numeric = host.find(':') != std::string_view::npos &&
                            host.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    if (!is_numeric || (!port.empty() && port[0] != ':')) return refused(url, "its host is malformed. Check the URL");
  } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  parsed.host = base::to_lower(host);
  if (!is_host_name(parsed.host)) {
    return refused(url, "its host is missing or malformed. Write a name with other letters in its xn-- form");
  }
  parsed.port = is_secure ? 443 : 80;
  if (port.size() > 1) {
    const auto number = base::parse_integer(port.substr(1));
    if (!number || *number < 1 || *number > 65535)
      return refused(url, "its port is not a number from 1 to 65535. Check the URL");
    parsed.port = static_cast<std::uint16_t>(*number);
  }
  return parsed;
}

}  // namespace

std::string PageUrl::text() const {
  const bool is_numeric6 = host.find(':') != std::string::npos;
  std::string url = is_secure ? "https://" : "http://";
  url += is_numeric6 ? "[" + host + "]" : host;
  if (port != (is_secure ? 443 : 80)) url += ":" + std::to_string(port);
  return url + target;
}

base::Result<PageUrl> parse_page_url(std::string_view url) {
  if (url.empty())
    return base::Error{base::ErrorKind::Invalid, "The page's url is missing. Give one that begins with https://"};
  if (url.size() > kLongestUrl) return refused(url, "it is longer than 2048 bytes. Use a shorter one");
  if (std::any_of(url.begin(), url.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
    return refused(url, "it holds control characters. Remove them");
  }
  if (has_scheme(url, "https://")) return parse_absolute(url, true, url.substr(8));
  if (has_scheme(url, "http://")) return parse_absolute(url, false, url.substr(7));
  const std::size_t separator = url.find("://");
  if (separator < url.find_first_of("/?#.")) return refused(url, "only https and http are supported. Use an https URL");
  return parse_absolute(url, true, url);
}

base::Result<PageUrl> follow(const PageUrl& from, std::string_view location) {
  location = base::trim(location);
  if (has_scheme(location, "https://") || has_scheme(location, "http://")) return parse_page_url(location);
  if (location.starts_with("//")) return parse_page_url((from.is_secure ? "https:" : "http:") + std::string(location));
  const std::size_t colon = location.find(':');
  if (colon < location.find_first_of("/?#"))
    return refused(location, "a redirect leads to another scheme than https and http");
  PageUrl next = from;
  const std::string_view base_path = std::string_view(from.target).substr(0, from.target.find('?'));
  if (location.empty() || location[0] == '#') return next;
  if (location[0] == '/') {
    next.target = target_of(location);
  } else if (location[0] == '?') {
    next.target = target_of(std::string(base_path) + std::string(location));
  } else {
    next.target = target_of(std::string(base_path.substr(0, base_path.rfind('/') + 1)) + std::string(location));
  }
  next.target = without_dots(next.target);
  if (next.target.size() > kLongestUrl) return refused(location, "it is longer than 2048 bytes");
  return next;
}

}  // namespace cadence::analysis::source
