#include "push_storm.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "base/text.hpp"

namespace cadence::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kBody = 8192, kTail = 256, kBlock = 64, kDigest = 32;

// As GitHub's payloads are: objects full of addresses, and a list of commits.
std::string common_part() {
  std::string text = R"({"ref":"refs/heads/trunk","before":")" + std::string(40, '0') + R"(","after":")" +
                     std::string(40, '9') + R"(","created":false,"deleted":false)";
  const auto add_object = [&](const std::string& name, int members) {
    text += ",\"" + name + "\":{\"id\":" + std::to_string(members * 7919);
    for (int i = 0; i < members; ++i)
      text += ",\"" + name + "_link" + std::to_string(i) + "_url\":\"https://api.example/" + name + "/{owner}/" +
              std::to_string(i) + "{/sha}\"";
    text += "}";
  };
  add_object("sender", 16);
  add_object("organization", 24);
  text += R"(,"pusher":{"name":"mira","email":"mira@example.org"},"commits":[)";
  for (int i = 0; text.size() < kBody - kTail - 600; ++i)
    text += std::string(i == 0 ? "" : ",") + R"({"id":")" + std::string(40, static_cast<char>('a' + i % 6)) +
            R"(","tree_id":"5f0c","distinct":true,"message":"glaze: step )" + std::to_string(i) +
            R"(","timestamp":"2026-03-04T10:00:00Z","author":{"name":"mira","email":"mira@example.org"},"added":[],)"
            R"("removed":[],"modified":["src/kiln.cpp","src/glaze.cpp"]})";
  text += R"(],"filler":")";
  return text + std::string(kBody - kTail - text.size() - 1, 'x') + "\"";
}

}  // namespace

struct PushStorm::Body {
  explicit Body(std::string_view secret) : common(common_part()) {
    std::array<unsigned char, kBlock> inner{}, outer{};
    for (std::size_t i = 0; i < kBlock; ++i) {
      const auto byte = static_cast<unsigned char>(i < secret.size() ? secret[i] : 0);
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    }
    EVP_DigestInit_ex(begun, EVP_sha256(), nullptr);
    EVP_DigestUpdate(begun, inner.data(), kBlock);
    EVP_DigestUpdate(begun, common.data(), common.size());
    EVP_DigestInit_ex(ended, EVP_sha256(), nullptr);
    EVP_DigestUpdate(ended, outer.data(), kBlock);
  }
  ~Body() {
    for (auto* each : {begun, ended, work}) EVP_MD_CTX_free(each);
  }
  std::string signature(std::string_view tail) {
    std::string digest(kDigest, '\0');
    auto* bytes = reinterpret_cast<unsigned char*>(digest.data());
    EVP_MD_CTX_copy_ex(work, begun);
    EVP_DigestUpdate(work, tail.data(), tail.size());
    EVP_DigestFinal_ex(work, bytes, nullptr);
    EVP_MD_CTX_copy_ex(work, ended);
    EVP_DigestUpdate(work, digest.data(), digest.size());
    EVP_DigestFinal_ex(work, bytes, nullptr);
    return base::to_hex(digest);
  }

  std::string common;
  EVP_MD_CTX *begun = EVP_MD_CTX_new(), *ended = EVP_MD_CTX_new(), *work = EVP_MD_CTX_new();
};

struct PushStorm::Connection {
  int socket = -1;
  std::string answer;
  Clock::time_point sent;
};

PushStorm::PushStorm(StormOptions options)
    : options_(std::move(options)), body_(std::make_unique<Body>(options_.secret)), epoll_(epoll_create1(0)) {
  run_ = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  for (int i = 0; i < options_.connections; ++i) {
    auto& connection = *connections_.emplace_back(std::make_unique<Connection>());
    connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("the server takes no connection");
    epoll_event event{EPOLLIN, {.ptr = &connection}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.socket, &event);
  }
}

PushStorm::~PushStorm() {
  for (const auto& connection : connections_) ::close(connection->socket);
  ::close(epoll_);
}

void PushStorm::send(Connection& connection) {
  const auto number = next_++;
  char tail[kTail + 1], head[512];
  const auto owner = "owner" + std::to_string(number % 100);
  const auto url = options_.host.empty() ? "" : options_.host + "/" + owner + "/kiln.git";
  int size = std::snprintf(tail, sizeof tail,
                           R"(,"repository":{"id":7,"name":"kiln","full_name":"%s/kiln","clone_url":"%s"},)"
                           R"("push_id":"%lu-%lu)",
                           owner.c_str(), url.c_str(), run_, number);
  std::memset(tail + size, '.', kTail - static_cast<std::size_t>(size) - 2);
  std::memcpy(tail + kTail - 2, "\"}", 2);
  const std::string_view rest(tail, kTail);
  size = std::snprintf(head, sizeof head,
                       "POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nUser-Agent: GitHub-Hookshot/044aadd\r\n"
                       "Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: %lu-%lu\r\n"
                       "X-Hub-Signature-256: sha256=%s\r\nContent-Length: %zu\r\n\r\n",
                       run_, number, body_->signature(rest).c_str(), body_->common.size() + kTail);
  iovec parts[] = {{head, static_cast<std::size_t>(size)}, {body_->common.data(), body_->common.size()}, {tail, kTail}};
  connection.answer.clear();
  connection.sent = Clock::now();
  if (writev(connection.socket, parts, 3) != static_cast<ssize_t>(size) + static_cast<ssize_t>(kBody))
    throw std::runtime_error("the server took no push");
}

// True when the answer is here, whole.
bool PushStorm::receive(Connection& connection, Storm& storm) {
  char bytes[4096];
  const auto count = ::recv(connection.socket, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count <= 0) throw std::runtime_error("the server closed a connection");
  connection.answer.append(bytes, static_cast<std::size_t>(count));
  const auto head = connection.answer.find("\r\n\r\n");
  const auto length = connection.answer.find("Content-Length: ");
  if (head == std::string::npos || length == std::string::npos) return false;
  if (connection.answer.size() < head + 4 + std::strtoul(connection.answer.c_str() + length + 16, nullptr, 10))
    return false;
  ++(connection.answer.starts_with("HTTP/1.1 202") ? storm.answered : storm.refused);
  storm.milliseconds.push_back(std::chrono::duration<float, std::milli>(Clock::now() - connection.sent).count());
  return true;
}

Storm PushStorm::run(std::chrono::milliseconds duration) {
  Storm storm;
  const auto begun = Clock::now();
  auto left = connections_.size();
  for (const auto& connection : connections_) send(*connection);
  std::array<epoll_event, 64> events{};
  while (left > 0) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 15000);
    if (count <= 0) throw std::runtime_error("the server does not answer");
    const bool is_over = Clock::now() - begun >= duration;
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!receive(connection, storm)) continue;
      if (is_over) --left;
      else send(connection);
    }
  }
  storm.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::sort(storm.milliseconds.begin(), storm.milliseconds.end());
  return storm;
}

double Storm::at(double share) {
  if (milliseconds.empty()) return 0;
  return milliseconds[static_cast<std::size_t>(share * static_cast<double>(milliseconds.size() - 1))];
}

}  // namespace cadence::bench
