#include "agent/redis/configuration.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::agent::redis {
namespace {

using base::Error;
using base::ErrorKind;

base::Result<std::string> read_secret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Error{ErrorKind::NotFound, "Could not read " + path + ": " + std::strerror(errno)};
  // An editor's last line break is no part of a password.
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) return Error{ErrorKind::Invalid, "The secret in " + path + " is empty"};
  return text;
}

// As redis.conf reads it back, whatever bytes it has.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '.' || c == '-' || c == '/' || c == '_') {
      out += static_cast<char>(c);
    } else {
      out += "\\x" + base::to_hex(std::string_view(reinterpret_cast<const char*>(&c), 1));
    }
  }
  return out + "\"";
}

std::string hashed(const std::string& password) { return "#" + base::to_hex(net::sha256(password)); }

// Whole or not at all, and never readable by others.
base::Result<void> write_private(const std::string& path, const std::string& text) {
  const auto problem = [&] { return Error{ErrorKind::Transient, "Could not write " + path + ": " + std::strerror(errno)}; };
  const std::string fresh = path + ".new";
  const cadence::redis::Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.is_open()) return problem();
  std::size_t done = 0;
  while (done < text.size()) {
    const auto count = ::write(file.number(), text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return problem();
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  if (::fchmod(file.number(), S_IRUSR | S_IWUSR) != 0 || std::rename(fresh.c_str(), path.c_str()) != 0) return problem();
  return base::ok();
}

}  // namespace

base::Result<Secrets> read_secrets(const std::string& folder) {
  auto application = read_secret(folder + "/password");
  if (!application) return application.error();
  auto by_operator = read_secret(folder + "/operator-password");
  if (!by_operator) return by_operator.error();
  return Secrets{std::move(*application), std::move(*by_operator)};
}

std::string render_server_config(const Places& places, const Pod& pod, const Secrets& secrets) {
  std::string out;
  const auto set = [&](const std::string& name, const std::string& value) { out += name + " " + value + "\n"; };
  set("include", quoted(places.config));
  set("bind", "* -::*");
  // Every user has a password; protected mode would only lock the other pods out.
  set("protected-mode", "no");
  set("port", std::to_string(pod.port));
  set("unixsocket", quoted(places.socket()));
  set("unixsocketperm", "700");
  set("daemonize", "no");
  set("supervised", "no");
  set("pidfile", "\"\"");
  set("logfile", "\"\"");
  set("always-show-logo", "no");
  set("dir", quoted(places.data));
  set("cluster-config-file", "nodes.conf");
  set("aclfile", quoted(places.users()));
  set("masteruser", kReplicationUser);
  set("masterauth", quoted(secrets.operator_password));
  set("enable-protected-configs", "no");
  set("enable-debug-command", "no");
  set("enable-module-command", "no");
  if (!pod.ip.empty()) set("cluster-announce-ip", pod.ip);
  if (!pod.hostname.empty()) set("cluster-announce-hostname", pod.hostname);
  return out;
}

std::string render_users(const Secrets& secrets) {
  const auto application = hashed(secrets.application_password);
  const auto by_operator = hashed(secrets.operator_password);
  std::string out;
  out += "user default on " + application + " ~* &* +@all -@admin -@dangerous +info +role\n";
  // Nothing that the operator does may erase data.
  out += std::string("user ") + kOperatorUser + " on " + by_operator + " ~* &* +@all -flushall -flushdb -swapdb -debug -module -shutdown\n";
  out += std::string("user ") + kReplicationUser + " on " + by_operator + " -@all +psync +sync +replconf +ping\n";
  return out;
}

base::Result<void> write_files(const Places& places, const Pod& pod, const Secrets& secrets) {
  if (auto users = write_private(places.users(), render_users(secrets)); !users) return users;
  return write_private(places.server_config(), render_server_config(places, pod, secrets));
}

cadence::redis::Endpoint local_endpoint(const Places& places) { return {.address = {}, .unix_socket = places.socket()}; }

cadence::redis::Credentials operator_credentials(const Secrets& secrets) { return {kOperatorUser, secrets.operator_password}; }

}  // namespace cadence::agent::redis
