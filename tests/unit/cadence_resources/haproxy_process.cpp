#include "haproxy_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "ports.hpp"

namespace cadence::resources {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(static_cast<std::uint16_t>(port));
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

std::string output_of(const std::string& command) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string out;
  std::array<char, 4096> buffer{};
  while (pipe != nullptr && fgets(buffer.data(), buffer.size(), pipe) != nullptr) out += buffer.data();
  const int status = pipe == nullptr ? -1 : pclose(pipe);
  return status == 0 ? out : out + "exit status " + std::to_string(status);
}

}  // namespace

HaproxyProcess::HaproxyProcess(const std::string& configuration, int backend_port) {
  const auto ports = test::free_ports(3);
  http_port_ = ports[0];
  https_port_ = ports[1];
  stats_port_ = ports[2];
  auto text = base::replace_all(configuration, "/run/haproxy", folder_);
  text = base::replace_all(text, "bind *:8080", "bind 127.0.0.1:" + std::to_string(http_port_));
  text = base::replace_all(text, "bind *:8443", "bind 127.0.0.1:" + std::to_string(https_port_));
  text = base::replace_all(text, "bind *:8404", "bind 127.0.0.1:" + std::to_string(stats_port_));
  if (backend_port != 0) {
    text = base::replace_all(text, "server s1 127.0.0.1:1 check disabled",
                             "server s1 127.0.0.1:" + std::to_string(backend_port));
  }
  std::ofstream(folder_ + "/haproxy.cfg") << text;
  const auto said =
      output_of("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=demo -keyout " +
                folder_ + "/key.pem -out " + folder_ + "/cert.pem && cat " + folder_ + "/cert.pem " + folder_ +
                "/key.pem > " + folder_ + "/tls.pem");
  if (!std::filesystem::exists(folder_ + "/tls.pem")) std::fprintf(stderr, "%s\n", said.c_str());
}

HaproxyProcess::~HaproxyProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
}

std::string HaproxyProcess::complaints() const {
  const auto said = output_of("haproxy -c -f " + folder_ + "/haproxy.cfg");
  return said == "Configuration file is valid\n" ? "" : said;
}

bool HaproxyProcess::start() {
  pid_ = fork();
  if (pid_ == 0) {
    const int null = open("/dev/null", O_WRONLY);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    const auto file = folder_ + "/haproxy.cfg";
    execlp("haproxy", "haproxy", "-db", "-f", file.c_str(), nullptr);
    _exit(127);
  }
  for (int tries = 0; tries < 200; ++tries) {
    if (const int fd = connect_to(stats_port_); fd >= 0) {
      close(fd);
      return true;
    }
    poll(nullptr, 0, 50);
  }
  return false;
}

std::string HaproxyProcess::ask(int port, const std::string& bytes) const {
  const int fd = connect_to(port);
  if (fd < 0) return "no connection";
  static_cast<void>(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  std::string out;
  std::array<char, 4096> buffer{};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (std::chrono::steady_clock::now() < end) {
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, 200) <= 0) continue;
    const auto count = recv(fd, buffer.data(), buffer.size(), 0);
    if (count <= 0) break;
    out.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(fd);
  return out;
}

}  // namespace cadence::resources
