#include "analyze/target.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "net/http.hpp"

namespace cadence::analyze {
namespace {

using config::Kind;

constexpr std::array<std::string_view, 4> kForges = {"github.com", "gitlab.com", "codeberg.org", "bitbucket.org"};

struct Parts {
  std::string scheme, host, path;  // scheme and host in lower case; the path without query and slashes at its ends
};

Parts parts_of(const std::string& url) {
  Parts parts;
  const auto separator = url.find("://");
  if (separator == std::string::npos) return {{}, {}, url};
  parts.scheme = base::to_lower(url.substr(0, separator));
  std::string_view rest = std::string_view(url).substr(separator + 3);
  rest = rest.substr(0, rest.find_first_of("?#"));
  const auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  authority = authority.substr(authority.rfind('@') + 1);
  parts.host = base::to_lower(authority.substr(0, authority.find(':')));
  auto path = rest.substr(slash);
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  parts.path = path;
  return parts;
}

bool is_repository(const Parts& parts) {
  if (parts.scheme != "http" && parts.scheme != "https") return true;
  if (parts.path.ends_with(".git")) return true;
  const bool is_forge = std::find(kForges.begin(), kForges.end(), parts.host) != kForges.end();
  return is_forge && std::count(parts.path.begin(), parts.path.end(), '/') == 1;
}

}  // namespace

std::string last_part(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  if (path.ends_with("/.git")) path.resize(path.size() - 5);
  path = path.substr(path.rfind('/') + 1);
  return path.ends_with(".git") ? path.substr(0, path.size() - 4) : path;
}

base::Result<Target> target_of(const std::string& text, Kind kind) {
  if (text.empty())
    return base::Error{base::ErrorKind::Invalid, "Nothing to analyse was named. Give a folder or a URL"};
  const auto parts = parts_of(text);
  if (kind == Kind::Website || (kind == Kind::Auto && !is_repository(parts)))
    return Target{true, false, text, last_part(parts.path)};
  if (base::to_lower(text.substr(0, 5)) == "file:") {
    // file:///path or file:/path; a host in between is not this machine.
    if (parts.scheme == "file" && !parts.host.empty() && parts.host != "localhost") {
      return base::Error{base::ErrorKind::Invalid,
                         "A file: URL cannot name a host. Write file:///PATH, or the path alone"};
    }
    const auto begin = parts.scheme == "file" ? text.find('/', 7) : 5;
    const auto path = begin == std::string::npos ? std::string() : net::percent_decode(text.substr(begin));
    return Target{false, true, path, last_part(path)};
  }
  const bool is_folder = parts.scheme.empty();
  return Target{false, is_folder, text, last_part(parts.path)};
}

}  // namespace cadence::analyze
