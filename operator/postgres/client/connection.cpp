#include "postgres/client/connection.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace cadence::postgres {
namespace {

using base::Error;
using base::ErrorKind;

Error broken(const std::string& what) { return {ErrorKind::Transient, "Could not talk to PostgreSQL: " + what}; }

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::uint32_t read_big_endian(const char* at) {
  const auto byte = [&](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])); };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

// ErrorResponse: fields of one type byte and a text, ended by a zero.
Error error_of(const std::string& body) {
  std::string message, state;
  for (std::size_t at = 0; at < body.size() && body[at] != '\0';) {
    const auto end = body.find('\0', at + 1);
    if (end == std::string::npos) break;
    if (body[at] == 'M') message = body.substr(at + 1, end - at - 1);
    if (body[at] == 'C') state = body.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  // Class 57P: shutting down, crashed, starting up; class 53: too many connections, disk full.
  const bool is_passing = state.starts_with("57P") || state.starts_with("53");
  return {is_passing ? ErrorKind::Transient : ErrorKind::Invalid,
          "PostgreSQL answered: " + message + " (SQLSTATE " + state + ")"};
}

base::Result<Row> row_of(const std::string& body) {
  if (body.size() < 2) return broken("a row was cut short");
  const int columns = static_cast<unsigned char>(body[0]) << 8 | static_cast<unsigned char>(body[1]);
  Row out;
  std::size_t at = 2;
  for (int i = 0; i < columns; ++i) {
    if (at + 4 > body.size()) return broken("a row was cut short");
    const auto size = read_big_endian(body.data() + at);
    at += 4;
    if (size == 0xffffffffU) {
      out.emplace_back(std::nullopt);
      continue;
    }
    if (size > body.size() - at) return broken("a row was cut short");
    out.emplace_back(body.substr(at, size));
    at += size;
  }
  return out;
}

bool wait_ready(int fd, short events, std::chrono::steady_clock::time_point deadline) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd entry{fd, events, 0};
    const int count = ::poll(&entry, 1, static_cast<int>(left));
    if (count > 0) return true;
    if (count == 0 || errno != EINTR) return false;
  }
}

}  // namespace

base::Result<Connection> Connection::open(const Options& options) {
  const auto path = options.socket_directory + "/.s.PGSQL." + std::to_string(options.port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return Error{ErrorKind::Invalid, "socket path is too long: " + path};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return broken(std::strerror(errno));
  Connection out(fd, options);
  // A local connect either succeeds at once or the backlog is full; both are answered without waiting.
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return broken(path + ": " + std::strerror(errno));
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  if (const auto started = out.start(deadline); !started) return started.error();
  return out;
}

Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), options_(std::move(other.options_)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(options_, other.options_);
  return *this;
}

Connection::~Connection() {
  if (fd_ < 0) return;
  static constexpr char kTerminate[] = {'X', 0, 0, 0, 4};
  static_cast<void>(::send(fd_, kTerminate, sizeof(kTerminate), MSG_NOSIGNAL | MSG_DONTWAIT));
  ::close(fd_);
}

base::Result<void> Connection::send_all(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EINTR) {
      if (!wait_ready(fd_, POLLOUT, deadline)) return broken("the request was not taken in time");
    } else {
      return broken(std::strerror(errno));
    }
  }
  return {};
}

base::Result<void> Connection::receive(char* into, std::size_t size, Deadline deadline) {
  while (size > 0) {
    const auto count = ::recv(fd_, into, size, 0);
    if (count > 0) {
      into += count;
      size -= static_cast<std::size_t>(count);
    } else if (count == 0) {
      return broken("the server closed the connection");
    } else if (errno == EAGAIN || errno == EINTR) {
      if (!wait_ready(fd_, POLLIN, deadline)) return broken("no answer in time");
    } else {
      return broken(std::strerror(errno));
    }
  }
  return {};
}

base::Result<Connection::Message> Connection::next_message(Deadline deadline) {
  char head[5];
  if (const auto got = receive(head, sizeof(head), deadline); !got) return got.error();
  const auto size = read_big_endian(head + 1);
  if (size < 4 || size > options_.answer_limit) return broken("a message of " + std::to_string(size) + " bytes came");
  Message out{head[0], std::string(size - 4, '\0')};
  if (const auto got = receive(out.body.data(), out.body.size(), deadline); !got) return got.error();
  return out;
}

base::Result<void> Connection::start(Deadline deadline) {
  std::string body = big_endian(196608);  // protocol 3.0
  const auto add = [&](std::string_view name, std::string_view value) {
    body.append(name).push_back('\0');
    body.append(value).push_back('\0');
  };
  add("user", options_.user);
  add("database", options_.database);
  add("application_name", options_.application);
  if (!options_.settings.empty()) add("options", options_.settings);
  body.push_back('\0');
  if (const auto sent = send_all(big_endian(static_cast<std::uint32_t>(body.size() + 4)) + body, deadline); !sent)
    return sent.error();
  while (true) {
    const auto message = next_message(deadline);
    if (!message) return message.error();
    if (message->type == 'E') return error_of(message->body);
    if (message->type == 'Z') return {};
    if (message->type == 'R' && (message->body.size() < 4 || read_big_endian(message->body.data()) != 0)) {
      return Error{
          ErrorKind::Forbidden,
          "PostgreSQL asked for a password on the local socket; pg_hba.conf must accept the operating system user"};
    }
  }
}

base::Result<std::vector<Row>> Connection::query(std::string_view sql) {
  if (!is_open()) return broken("this connection was given up");
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  std::string message = "Q" + big_endian(static_cast<std::uint32_t>(sql.size() + 5));
  message.append(sql).push_back('\0');
  const auto sent = send_all(message, deadline);
  if (!sent) close();
  return sent ? read_answer(deadline) : base::Result<std::vector<Row>>(sent.error());
}

void Connection::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

// Up to ReadyForQuery; what would come after any other end is closed away.
base::Result<std::vector<Row>> Connection::read_answer(Deadline deadline) {
  const auto give_up = [this](Error why) {
    close();
    return why;
  };
  std::vector<Row> rows;
  std::optional<Error> failure;
  std::size_t bytes = 0;
  while (true) {
    auto answer = next_message(deadline);
    if (!answer) return give_up(failure ? *failure : answer.error());
    bytes += answer->body.size();
    if (bytes > options_.answer_limit)
      return give_up(broken("the answer is larger than " + std::to_string(options_.answer_limit) + " bytes"));
    if (answer->type == 'T') rows.clear();
    if (answer->type == 'E') failure = error_of(answer->body);
    if (answer->type == 'D') {
      auto row = row_of(answer->body);
      if (!row) return give_up(row.error());
      rows.push_back(std::move(*row));
    }
    if (answer->type != 'Z') continue;
    if (failure) return *failure;
    return rows;
  }
}

std::string quote_literal(std::string_view text) {
  std::string out;
  bool has_backslash = false;
  for (const char c : text) {
    if (c == '\0') continue;
    if (c == '\'' || c == '\\') out += c;
    has_backslash = has_backslash || c == '\\';
    out += c;
  }
  return (has_backslash ? " E'" : "'") + out + "'";
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += c;
    if (c != '\0') out += c;
  }
  return out + "\"";
}

}  // namespace cadence::postgres
