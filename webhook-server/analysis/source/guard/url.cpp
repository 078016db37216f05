#include "analysis/source/guard/url.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

constexpr std::size_t kLongestUrl = 2048;
constexpr std::string_view kSchemes[] = {"https", "http", "git", "ssh"};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

base::Error refused(std::string_view url, std::string_view why, base::ErrorKind kind = base::ErrorKind::Invalid) {
  return {kind, "The repository URL \"" + printable_url(url) + "\" was refused: " + std::string(why)};
}

// What stands between the scheme and the path, without user and password.
std::string_view host_and_port(std::string_view after_scheme) {
  const std::string_view authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
  return authority.substr(authority.rfind('@') + 1);
}

std::string_view without_port(std::string_view authority) {
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, authority.find(':'));
}

bool is_port(std::string_view authority) {
  const std::size_t colon =
      authority.find(':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);
  if (colon == std::string_view::npos) return true;
  const auto port = base::parse_integer(authority.substr(colon + 1));
  return port && *port >= 1 && *port <= 65535;
}

base::Result<RepositoryUrl> parse_local(std::string_view url, bool allow_local) {
  if (!allow_local) {
    return refused(url, "repositories on this machine are not allowed. Use an https URL", base::ErrorKind::Forbidden);
  }
  return RepositoryUrl{true, url.starts_with("file:") ? "file" : "", ""};
}

}  // namespace

bool is_host_name(std::string_view host) {
  // "." is a folder to whoever wrote it.
  if (host.starts_with('.') || host.find("..") != std::string_view::npos) return false;
  if (host.empty() || host.size() > 253 || host.front() == '-') return false;
  return std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_' || c == ':';
  });
}

base::Result<RepositoryUrl> parse_repository_url(std::string_view url, bool allow_local) {
  if (url.empty())
    return base::Error{base::ErrorKind::Invalid, "The repository URL is missing. Give one that begins with https://"};
  if (url.size() > kLongestUrl) return refused(url, "it is longer than 2048 bytes. Use a shorter one");
  if (std::any_of(url.begin(), url.end(), is_control)) return refused(url, "it holds control characters. Remove them");
  const std::size_t separator = url.find("://");
  if (separator == std::string_view::npos || base::to_lower(url.substr(0, separator)) == "file") {
    const std::size_t colon = url.find(':');
    const bool is_file = base::to_lower(url.substr(0, 5)) == "file:";
    // user@host:path is ssh in short; the long form shows its host without doubt.
    if (!is_file && colon != std::string_view::npos && url.find('/') > colon) {
      return refused(url, "it has no scheme. Write it as https://host/path or ssh://host/path");
    }
    return parse_local(url, allow_local);
  }
  const std::string scheme = base::to_lower(url.substr(0, separator));
  if (std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes)) {
    return refused(url, "only https, http, git and ssh are supported. Use an https URL");
  }
  const std::string_view authority = host_and_port(url.substr(separator + 3));
  const std::string host = base::to_lower(without_port(authority));
  if (!is_host_name(host)) return refused(url, "its host is missing or malformed. Check the URL");
  if (!is_port(authority)) return refused(url, "its port is not a number from 1 to 65535. Check the URL");
  return RepositoryUrl{false, scheme, host};
}

std::string without_credentials(std::string_view url) {
  const std::size_t separator = url.find("://");
  const std::size_t begin = separator == std::string_view::npos ? 0 : separator + 3;
  const std::string_view before_query = url.substr(begin, std::min(url.find_first_of("?#", begin), url.size()) - begin);
  std::string_view authority = before_query.substr(0, before_query.find('/'));
  // A password with a / of its own: what stands behind the colon is no port.
  if (authority.find('@') == std::string_view::npos && authority.find(':') != std::string_view::npos &&
      !is_port(authority))
    authority = before_query;
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1));
}

std::string printable_url(std::string_view url) {
  constexpr std::size_t kLongest = 200;
  url = url.substr(0, url.find_first_of("?#"));
  std::string text;
  const std::size_t separator = url.find("://");
  if (separator != std::string_view::npos) {
    text = url.substr(0, separator + 3);
    url.remove_prefix(separator + 3);
  }
  // A password may hold an @ of its own, so the last one before the path ends the credentials; a / in it would end them
  // too early, therefore anything up to an @ that follows a : counts as well.
  const std::size_t path = std::min(url.find('/'), url.size());
  std::size_t at = url.substr(0, path).rfind('@');
  const std::size_t late = url.rfind('@');
  if (at == std::string_view::npos && late != std::string_view::npos && url.find(':') < path) at = late;
  if (at != std::string_view::npos) url.remove_prefix(at + 1);
  text += url;
  for (char& c : text) c = is_control(c) ? '?' : c;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "...";
  return text;
}

base::Result<void> check_branch(std::string_view branch) {
  const auto invalid = [&](std::string_view why) {
    std::string shown(branch.substr(0, 100));
    for (char& c : shown) c = is_control(c) ? '?' : c;
    return base::Error{base::ErrorKind::Invalid, "The branch name \"" + shown + "\" was refused: " + std::string(why)};
  };
  if (branch.empty()) return base::ok();
  if (branch.size() > 255) return invalid("it is longer than 255 bytes");
  if (branch.front() == '-' || branch.front() == '/' || branch.back() == '/' || branch.back() == '.' || branch == "@") {
    return invalid("git does not allow it. Check how it begins and ends");
  }
  if (std::any_of(branch.begin(), branch.end(), [](char c) {
        return is_control(c) || std::string_view(" ~^:?*[\\").find(c) != std::string_view::npos;
      })) {
    return invalid("it holds a character that git does not allow");
  }
  if (branch.find("..") != std::string_view::npos || branch.find("@{") != std::string_view::npos)
    return invalid("git does not allow .. or @{ in it");
  for (const std::string& part : base::split(branch, '/')) {
    if (part.empty() || part.front() == '.' || part.ends_with(".lock"))
      return invalid("git does not allow one of its parts");
  }
  return base::ok();
}

bool is_listed_host(const std::vector<std::string>& hosts, std::string_view host) {
  const std::string wanted = base::to_lower(host);
  return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& listed) {
    const std::string pattern = base::to_lower(listed);
    if (!pattern.starts_with("*.")) return pattern == wanted;
    return wanted.size() > pattern.size() - 1 && wanted.ends_with(std::string_view(pattern).substr(1));
  });
}

}  // namespace cadence::analysis::source
