// A Redis node whose answers a test writes. Takes any number of connections, each with a number from 0.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "redis/connection.hpp"

namespace cadence::redis {

inline std::string bulk(const std::string& text) { return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n"; }

class ScriptedNode {
 public:
  // What is sent back, nothing where it is empty; none: the line is closed. One request at a time, whatever its line.
  using Answer = std::function<std::optional<std::string>(const Request&, int line)>;

  explicit ScriptedNode(Answer answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_.number(), reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_.number(), 64);
    ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    address_ = {"127.0.0.1", ntohs(address.sin_port)};
    acceptor_ = std::jthread([this] { accept_all(); });
  }
  ~ScriptedNode() {
    ::shutdown(listener_.number(), SHUT_RDWR);
    acceptor_.join();
    for (const auto& line : lines_) ::shutdown(line.number(), SHUT_RDWR);
    threads_.clear();
  }
  ScriptedNode(const ScriptedNode&) = delete;
  ScriptedNode& operator=(const ScriptedNode&) = delete;

  [[nodiscard]] const Address& address() const { return address_; }

 private:
  void accept_all() {
    for (int line = 0;; ++line) {
      const int taken = ::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC);
      if (taken < 0) return;
      lines_.emplace_back(taken);
      threads_.emplace_back([this, taken, line] { serve(taken, line); });
    }
  }

  void serve(int socket, int line) {
    std::string bytes;
    char buffer[4096];
    for (;;) {
      while (const auto request = take_request(bytes)) {
        const std::lock_guard lock(mutex_);
        const auto said = answer_(*request, line);
        if (!said) ::shutdown(socket, SHUT_RDWR);
        else (void)::send(socket, said->data(), said->size(), MSG_NOSIGNAL);
      }
      const auto count = ::read(socket, buffer, sizeof buffer);
      if (count <= 0) return;
      bytes.append(buffer, static_cast<std::size_t>(count));
    }
  }

  // "*2\r\n$3\r\nGET\r\n$1\r\na\r\n": the first whole one, taken off.
  static std::optional<Request> take_request(std::string& bytes) {
    std::size_t at = 0;
    const auto number = [&]() -> std::optional<std::size_t> {
      const auto end = bytes.find("\r\n", at);
      if (end == std::string::npos) return std::nullopt;
      const auto out = std::stoul(bytes.substr(at + 1, end - at - 1));
      at = end + 2;
      return out;
    };
    const auto count = number();
    if (!count) return std::nullopt;
    Request out;
    while (out.size() < *count) {
      const auto size = number();
      if (!size || bytes.size() < at + *size + 2) return std::nullopt;
      out.push_back(bytes.substr(at, *size));
      at += *size + 2;
    }
    bytes.erase(0, at);
    return out;
  }

  Answer answer_;
  std::mutex mutex_;
  Descriptor listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Address address_;
  std::vector<Descriptor> lines_;  // of the acceptor until that has ended
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace cadence::redis
