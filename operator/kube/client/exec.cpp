#include "kube/client/exec.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/text.hpp"
#include "files/descriptor.hpp"
#include "json/value.hpp"

extern char** environ;

namespace cadence::kube::client {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kOutputLimit = 1024 * 1024;

Error failure(const ExecPlugin& plugin, const std::string& why) {
  std::string message = "Could not get credentials from " + plugin.command + ": " + why;
  if (!plugin.install_hint.empty()) message += " (" + plugin.install_hint + ")";
  return {ErrorKind::Forbidden, message};
}

// What the plugin may know of its caller, in KUBERNETES_EXEC_INFO.
std::string exec_info(const ExecPlugin& plugin, const Config& config) {
  json::Value info{{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", {{"interactive", false}}}};
  if (plugin.has_cluster_info) {
    const bool is_literal6 = config.host.find(':') != std::string::npos;
    auto& cluster = info["spec"]["cluster"];
    cluster["server"] = (config.is_tls ? "https://" : "http://") +
                        (is_literal6 ? "[" + config.host + "]" : config.host) + ":" + std::to_string(config.port) +
                        config.path_prefix;
    if (!config.server_name.empty()) cluster["tls-server-name"] = config.server_name;
    if (!config.is_verified) cluster["insecure-skip-tls-verify"] = true;
    if (!config.ca_pem.empty()) cluster["certificate-authority-data"] = base::to_base64(config.ca_pem);
  }
  return json::dump(info);
}

std::vector<std::string> environment_of(const ExecPlugin& plugin, const Config& config) {
  auto added = plugin.environment;
  added.emplace_back("KUBERNETES_EXEC_INFO", exec_info(plugin, config));
  std::vector<std::string> out;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    bool is_replaced = false;
    for (const auto& [name, value] : added) is_replaced |= entry.starts_with(name + "=");
    if (!is_replaced) out.emplace_back(entry);
  }
  for (const auto& [name, value] : added) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

Result<pid_t> spawn(const ExecPlugin& plugin, const Config& config, int output) {
  std::vector<std::string> arguments{plugin.command};
  arguments.insert(arguments.end(), plugin.args.begin(), plugin.args.end());
  auto environment = environment_of(plugin, config);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t child = -1;
  const int problem = posix_spawnp(&child, plugin.command.c_str(), &actions, nullptr, pointers(arguments).data(),
                                   pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) return failure(plugin, std::strerror(problem));
  return child;
}

bool is_ready(int fd, base::Monotonic until) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  pollfd wanted{fd, POLLIN, 0};
  return left > 0 && ::poll(&wanted, 1, static_cast<int>(left)) > 0;
}

// The whole output; nothing when it is too long or too late.
std::optional<std::string> read_all(int fd, base::Monotonic until) {
  std::string out;
  char piece[4096];
  while (is_ready(fd, until)) {
    const auto got = ::read(fd, piece, sizeof(piece));
    if (got == 0) return out;
    if (got < 0 || out.size() > kOutputLimit) return std::nullopt;
    out.append(piece, static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

bool has_succeeded(pid_t child, base::Monotonic until) {
  const files::Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!is_ready(handle.number(), until)) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<ExecCredential> read_credential(const ExecPlugin& plugin, const std::string& output) {
  const auto document = json::parse(output);
  if (!document || json::string_at(*document, {"kind"}) != "ExecCredential")
    return failure(plugin, "its output is not an ExecCredential");
  if (json::string_at(*document, {"apiVersion"}) != plugin.api_version)
    return failure(plugin, "its output has another apiVersion than " + plugin.api_version);
  ExecCredential out;
  out.token = json::string_at(*document, {"status", "token"});
  out.certificate_pem = json::string_at(*document, {"status", "clientCertificateData"});
  out.key_pem = json::string_at(*document, {"status", "clientKeyData"});
  if (out.token.empty() && out.certificate_pem.empty()) return failure(plugin, "it gave neither token nor certificate");
  if (out.certificate_pem.empty() != out.key_pem.empty())
    return failure(plugin, "it gave a certificate without key or the reverse");
  const auto expires = json::string_at(*document, {"status", "expirationTimestamp"});
  if (!expires.empty()) out.expires = base::parse_rfc3339(expires);
  return out;
}

}  // namespace

Result<ExecCredential> run_plugin(const ExecPlugin& plugin, const Config& config) {
  const auto until = std::chrono::steady_clock::now() + plugin.timeout;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return failure(plugin, std::strerror(errno));
  const files::Descriptor reading(ends[0]);
  files::Descriptor writing(ends[1]);
  const auto child = spawn(plugin, config, writing.number());
  writing.close();
  if (!child) return child.error();
  const auto output = read_all(reading.number(), until);
  const bool is_good = has_succeeded(*child, output ? until : base::Monotonic{});
  if (!output) return failure(plugin, "it timed out or wrote too much");
  if (!is_good) return failure(plugin, "it failed");
  return read_credential(plugin, *output);
}

}  // namespace cadence::kube::client
