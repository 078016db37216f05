// Real git for tests: a repository in a temporary folder, made with the git program, and git's own server on loopback.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/text.hpp"
#include "folder.hpp"
#include "ports.hpp"

namespace cadence::analysis::source {

// Runs a command line; its output without the last newline.
inline std::string run(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (std::size_t count = 0; (count = ::fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, count);
  EXPECT_EQ(::pclose(pipe), 0) << command << "\n" << output;
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

class ScratchFolder : public test::Folder {
 public:
  // Names of everything directly inside.
  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path()), std::filesystem::directory_iterator{}));
  }
};

class ScratchRepository {
 public:
  explicit ScratchRepository(const std::filesystem::path& path) : path_(path) {
    run("git init -q -b trunk " + path.string());
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

  std::string git(const std::string& arguments) {
    return run("HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 git -C " + path() +
               " -c user.name=Ada -c user.email=ada@example.org " + arguments);
  }
  void write(const std::string& file, const std::string& content) {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << content;
  }
  // Commits everything, a day after the commit before; its hash.
  std::string commit(const std::string& message, std::int64_t seconds = 86400) {
    time_ += seconds;
    const std::string date = "'@" + std::to_string(time_) + " +0000'";
    git("add -A");
    run("GIT_AUTHOR_DATE=" + date + " GIT_COMMITTER_DATE=" + date + " git -C " + path() +
        " -c user.name=Ada -c user.email=ada@example.org commit -q --allow-empty -m '" + message + "'");
    return git("rev-parse HEAD");
  }

 private:
  std::filesystem::path path_;
  std::int64_t time_ = 1'700'000'000;
};

inline bool is_listening(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  const bool listening = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return listening;
}

// `git daemon` for all repositories below a folder, on loopback, in a process group of its own.
class GitServer {
 public:
  explicit GitServer(const std::filesystem::path& folder) : port_(test::free_port()) {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      const std::string port = "--port=" + std::to_string(port_);
      const std::string base = "--base-path=" + folder.string();
      ::execlp("git", "git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1", port.c_str(), base.c_str(),
               folder.c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 500 && !is_listening(port_); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ~GitServer() {
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  GitServer(const GitServer&) = delete;
  GitServer& operator=(const GitServer&) = delete;
  [[nodiscard]] std::string url(const std::string& name) const {
    return "git://127.0.0.1:" + std::to_string(port_) + "/" + name;
  }

 private:
  int port_;
  pid_t pid_ = -1;
};

// Answers every connection on loopback with the same bytes, then keeps it open or closes it.
class FixedServer {
 public:
  FixedServer(std::string answer, bool keeps_open)
      : answer_(std::move(answer)), keeps_open_(keeps_open), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), length), 0);
    ::listen(socket_, 8);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FixedServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    for (const int open : open_) ::close(open);
    ::close(socket_);
  }
  FixedServer(const FixedServer&) = delete;
  FixedServer& operator=(const FixedServer&) = delete;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/a.git"; }

 private:
  void serve() {
    for (int client = -1; (client = ::accept(socket_, nullptr, nullptr)) >= 0;) {
      char request[4096];
      if (!answer_.empty() && ::recv(client, request, sizeof request, 0) > 0)
        ::send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
      if (keeps_open_) {
        open_.push_back(client);
      } else {
        ::shutdown(client, SHUT_WR);
        while (::recv(client, request, sizeof request, 0) > 0) {
        }
        ::close(client);
      }
    }
  }

  std::string answer_;
  bool keeps_open_;
  int socket_;
  int port_ = 0;
  std::vector<int> open_;
  std::thread thread_;
};

}  // namespace cadence::analysis::source
