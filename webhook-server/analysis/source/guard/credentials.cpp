#include "analysis/source/guard/credentials.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "files/files.hpp"
#include "net/tls.hpp"

namespace cadence::analysis::source {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 1 << 20;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Undoes %41; nothing when a % stands alone or hides a NUL.
std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
    if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

std::optional<Credential> parse_line(std::string_view line) {
  Credential credential;
  const std::size_t separator = line.find("://");
  if (separator == std::string_view::npos) return std::nullopt;
  credential.scheme = base::to_lower(line.substr(0, separator));
  if (credential.scheme != "https" && credential.scheme != "http") return std::nullopt;
  std::string_view authority = line.substr(separator + 3);
  authority = authority.substr(0, authority.find('/'));
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return std::nullopt;
  const auto user = decoded(authority.substr(0, colon));
  const auto password = decoded(authority.substr(colon + 1, at - colon - 1));
  if (!user || !password) return std::nullopt;
  credential.user = *user;
  credential.password = *password;
  const std::string_view place = authority.substr(at + 1);
  const std::size_t port = place.rfind(':');
  credential.host = base::to_lower(place.substr(0, port));
  credential.port = port == std::string_view::npos ? (credential.scheme == "https" ? "443" : "80")
                                                   : std::string(place.substr(port + 1));
  return credential.host.empty() || credential.port.empty() ? std::nullopt : std::optional(credential);
}

// Adds what could be read; otherwise the file's name and what is wrong to the first problem of its kind.
template <class T>
void add(const fs::path& path, base::Result<std::vector<T>> read, std::vector<T>& all,
         std::optional<base::Error>& problem) {
  if (read) all.insert(all.end(), read->begin(), read->end());
  else if (!problem) problem = read.error().with_context("Could not use the credentials in " + path.string());
}

base::Result<std::vector<std::string>> parse_private_key(std::string text) {
  if (const auto checked = check_private_key(text); !checked) return checked.error();
  if (!text.ends_with('\n')) text += '\n';
  return std::vector{std::move(text)};
}

bool has_password(std::string_view text) {
  const auto lines = base::split(text, '\n');
  return std::any_of(lines.begin(), lines.end(),
                     [](const std::string& line) { return parse_line(base::trim(line)).has_value(); });
}

bool has_certificate(std::string_view text) { return text.find("CERTIFICATE-----") != std::string_view::npos; }

base::Result<std::vector<std::string>> parse_authorities(std::string text) {
  if (const auto checked = net::check_certificates(text); !checked) return checked.error();
  if (!text.ends_with('\n')) text += '\n';
  return std::vector{std::move(text)};
}

void take(const fs::path& path, std::string text, Credentials& all) {
  const bool is_pem = has_certificate(text) || is_private_key(text);
  if (is_pem && has_password(text)) {
    const base::Error mixed(base::ErrorKind::Invalid,
                            "it has a password beside a key or certificate. Put each into a file of its own");
    add<Credential>(path, mixed, all.passwords, all.password_problem);
    add<std::string>(path, mixed, all.authorities, all.authority_problem);
    add<std::string>(path, mixed, all.private_keys, all.ssh_problem);
    return;
  }
  if (has_certificate(text)) add(path, parse_authorities(text), all.authorities, all.authority_problem);
  if (is_private_key(text)) add(path, parse_private_key(text), all.private_keys, all.ssh_problem);
  if (is_pem) return;
  if (path.filename() == "known_hosts") add(path, parse_known_hosts(text), all.known_hosts, all.ssh_problem);
  else add(path, parse_credentials(text), all.passwords, all.password_problem);
}

}  // namespace

base::Result<std::vector<Credential>> parse_credentials(std::string_view text) {
  std::vector<Credential> credentials;
  std::size_t number = 0;
  for (const std::string& line : base::split(std::string(text), '\n')) {
    ++number;
    const std::string trimmed(base::trim(line));
    if (trimmed.empty() || trimmed.front() == '#') continue;
    auto credential = parse_line(trimmed);
    if (!credential)
      return base::Error{base::ErrorKind::Invalid,
                         "line " + std::to_string(number) + " is not of the form https://user:password@host"};
    credentials.push_back(std::move(*credential));
  }
  return credentials;
}

base::Result<Credentials> read_credentials(const fs::path& folder) {
  Credentials all;
  std::error_code error;
  std::error_code ignored;  // what a link leads to may be gone
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    // Kubernetes keeps what it swaps behind names that begin with two dots.
    if (!entry->path().filename().string().starts_with("..") && fs::is_regular_file(entry->path(), ignored))
      files.push_back(entry->path());
  }
  if (error)
    return base::Error{base::ErrorKind::Invalid,
                       "Could not read the credentials in " + folder.string() + ": " + error.message()};
  std::sort(files.begin(), files.end());
  for (const fs::path& path : files) {
    const auto text = files::read(path, kLargestFile);
    if (!text) {
      return base::Error{base::ErrorKind::Invalid, "Could not read the credentials in " + path.string() +
                                                       ": the file is unreadable or larger than 1 MiB"};
    }
    take(path, *text, all);
  }
  return all;
}

const Credential* find_credential(const std::vector<Credential>& credentials, std::string_view scheme,
                                  std::string_view host, std::string_view port) {
  const std::string wanted = base::to_lower(std::string(host));
  const auto found = std::find_if(credentials.begin(), credentials.end(), [&](const Credential& credential) {
    return credential.scheme == scheme && credential.host == wanted && credential.port == port;
  });
  return found == credentials.end() ? nullptr : &*found;
}

}  // namespace cadence::analysis::source
