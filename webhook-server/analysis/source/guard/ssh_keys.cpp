#include "analysis/source/guard/ssh_keys.hpp"

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

constexpr std::string_view kOpenSsh("openssh-key-v1\0", 15);

// Cipher, key derivation and its options, the number of keys, a public key and the private part (PROTOCOL.key), and no
// more.
bool is_whole_openssh_key(std::string_view body) {
  body.remove_prefix(kOpenSsh.size());
  for (const std::size_t skipped : {0U, 0U, 0U, 4U, 0U}) {  // bytes before each string
    if (body.size() < skipped + 4) return false;
    body.remove_prefix(skipped);
    const std::string_view text = first_string(body);
    if (text.data() == nullptr) return false;
    body.remove_prefix(4 + text.size());
  }
  return body.empty();
}

// A DER sequence of exactly that length (X.690 §8.1).
bool is_whole_der(std::string_view body) {
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(body[at])); };
  if (body.size() < 2 || byte(0) != 0x30) return false;
  if (byte(1) < 0x80) return body.size() == 2 + byte(1);
  const std::size_t digits = byte(1) & 0x7fU;
  if (digits > 4 || body.size() < 2 + digits) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < digits; ++i) length = length << 8U | byte(2 + i);
  return body.size() == 2 + digits + length;
}

// What stands between the first and the last line of a PEM's private key; parameters may come before it.
std::string decoded_body(std::string_view pem) {
  constexpr std::string_view kBegin = "PRIVATE KEY-----";
  const std::size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return {};
  pem.remove_prefix(begin + kBegin.size());
  std::string body;
  for (const std::string& line : base::split(pem.substr(0, pem.find("-----END")), '\n')) body += base::trim(line);
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

bool is_private_key(std::string_view text) {
  return base::trim(text).starts_with("-----BEGIN ") && text.find("PRIVATE KEY-----") != std::string_view::npos;
}

base::Result<void> check_private_key(std::string_view text) {
  const std::string body = decoded_body(text);
  const bool is_openssh = body.starts_with(kOpenSsh);
  const bool is_locked = text.find("ENCRYPTED") != std::string_view::npos ||
                         (is_openssh && first_string(std::string_view(body).substr(kOpenSsh.size())) != "none");
  if (is_locked)
    return base::Error{base::ErrorKind::Invalid,
                       "the private key asks for a passphrase. Use one without (ssh-keygen -p)"};
  if (is_openssh ? !is_whole_openssh_key(body) : !is_whole_der(body)) {
    return base::Error{
        base::ErrorKind::Invalid,
        "the private key is cut off or damaged. Put the whole file there, from -----BEGIN to the line with -----END"};
  }
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
      return base::Error{base::ErrorKind::Invalid,
                         "line " + std::to_string(number) +
                             " is not of the form \"host kind key\". Take the lines that ssh-keyscan prints"};
    }
    for (std::string& name : names) known.push_back({std::move(name), key});
  }
  return known;
}

base::Result<void> check_host_key(const std::vector<KnownHost>& known, std::string_view host, std::string_view port,
                                  std::string_view key) {
  const std::string name = name_in_known_hosts(host, port);
  const std::string scan =
      "ssh-keyscan " + (port == "22" ? std::string() : "-p " + std::string(port) + " ") + std::string(host);
  const std::string kind(kind_of(key));
  bool has_kind = false;
  for (const KnownHost& one : known) {
    if (one.name != name) continue;
    if (one.key == key) return base::ok();
    has_kind = has_kind || kind_of(one.key) == kind;
  }
  if (has_kind) {
    return base::Error{base::ErrorKind::Forbidden, "the " + kind + " key of " + name +
                                                       " is not the one in known_hosts: another server may answer in "
                                                       "its place. If it was renewed, change known_hosts"};
  }
  return base::Error{base::ErrorKind::Forbidden,
                     "known_hosts has no " + kind + " key of " + name + ". Add what " + scan +
                         " prints to the file known_hosts beside the private key, once you have compared it"};
}

}  // namespace cadence::analysis::source
