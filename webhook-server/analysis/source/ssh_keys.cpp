#include "analysis/source/ssh_keys.hpp"

#include <algorithm>
#include <sstream>

#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

// A length in four bytes, then so many bytes (RFC 4251 §5); empty when there are fewer.
std::string_view first_string(std::string_view bytes) {
  if (bytes.size() < 4) return {};
  std::size_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  return bytes.size() - 4 < length ? std::string_view{} : bytes.substr(4, length);
}

// "ssh-ed25519" and the like, at the beginning of every public key.
std::string_view kind_of(std::string_view key) { return first_string(key); }

std::string name_in_known_hosts(std::string_view host, std::string_view port) {
  const std::string name = base::to_lower(host);
  return port == "22" ? name : "[" + name + "]:" + std::string(port);
}

// What stands between a PEM's first and last line.
std::string decoded_body(std::string_view pem) {
  std::string body;
  for (const std::string& line : base::split(pem, '\n')) {
    if (!line.starts_with("-----")) body += base::trim(line);
  }
  return base::from_base64(body).value_or("");
}

// The names of a line that is understood, and its key; no names otherwise.
std::pair<std::vector<std::string>, std::string> parse_line(std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string names;
  std::string kind;
  std::string encoded;
  words >> names >> kind >> encoded;
  const std::string key = base::from_base64(encoded).value_or("");
  const bool is_plain = names.find_first_of("|*?!@") == std::string::npos;
  if (!is_plain || key.empty() || kind_of(key) != kind) return {};
  return {base::split(base::to_lower(names), ','), key};
}

}  // namespace

bool is_private_key(std::string_view text) { return base::trim(text).starts_with("-----BEGIN ") && text.find("PRIVATE KEY-----") != std::string_view::npos; }

base::Result<void> check_private_key(std::string_view text) {
  constexpr std::string_view kOpenSsh("openssh-key-v1\0", 15);
  const std::string body = text.find("BEGIN OPENSSH PRIVATE KEY") != std::string_view::npos ? decoded_body(text) : std::string();
  const bool is_locked = text.find("ENCRYPTED") != std::string_view::npos ||
                         (body.starts_with(kOpenSsh) && first_string(std::string_view(body).substr(kOpenSsh.size())) != "none");
  if (is_locked) return base::Error{base::ErrorKind::Invalid, "the private key asks for a passphrase. Use one without (ssh-keygen -p)"};
  return base::ok();
}

base::Result<std::vector<KnownHost>> parse_known_hosts(std::string_view text) {
  std::vector<KnownHost> known;
  std::size_t number = 0;
  for (const std::string& line : base::split(text, '\n')) {
    ++number;
    const std::string_view trimmed = base::trim(line);
    if (trimmed.empty() || trimmed.front() == '#') continue;
    auto [names, key] = parse_line(trimmed);
    if (names.empty()) {
      return base::Error{base::ErrorKind::Invalid, "line " + std::to_string(number) + " is not of the form \"host kind key\". Take the lines that ssh-keyscan prints"};
    }
    for (std::string& name : names) known.push_back({std::move(name), key});
  }
  return known;
}

base::Result<void> check_host_key(const std::vector<KnownHost>& known, std::string_view host, std::string_view port, std::string_view key) {
  const std::string name = name_in_known_hosts(host, port);
  const std::string scan = "ssh-keyscan " + (port == "22" ? std::string() : "-p " + std::string(port) + " ") + std::string(host);
  const std::string kind(kind_of(key));
  bool has_kind = false;
  for (const KnownHost& one : known) {
    if (one.name != name) continue;
    if (one.key == key) return base::ok();
    has_kind = has_kind || kind_of(one.key) == kind;
  }
  if (has_kind) {
    return base::Error{base::ErrorKind::Forbidden, "the " + kind + " key of " + name + " is not the one in known_hosts: another server may answer in its place. If it was renewed, change known_hosts"};
  }
  return base::Error{base::ErrorKind::Forbidden, "known_hosts has no " + kind + " key of " + name + ". Add what " + scan + " prints to the file known_hosts beside the private key, once you have compared it"};
}

}  // namespace cadence::analysis::source
