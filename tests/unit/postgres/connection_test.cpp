#include "postgres/connection.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

namespace cadence::postgres {
namespace {

using namespace std::chrono_literals;

std::string message(char type, const std::string& body) {
  const auto size = static_cast<std::uint32_t>(body.size() + 4);
  std::string out(1, type);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift);
  return out + body;
}
const std::string kAccepted = message('R', std::string(4, '\0')) + message('K', std::string(8, 'x')) + message('Z', "I");

// A server that says `bytes` to whoever comes, whatever is asked, and then keeps silent until it is destroyed.
class FakeServer {
 public:
  explicit FakeServer(std::string bytes) {
    char folder[] = "/tmp/pgfake-XXXXXX";
    folder_ = ::mkdtemp(folder);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = folder_ + "/.s.PGSQL.5432";
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 1);
    thread_ = std::jthread([this, bytes = std::move(bytes)] {
      client_ = ::accept(listener_, nullptr, nullptr);
      if (client_ >= 0) static_cast<void>(::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    if (client_ >= 0) ::close(client_);
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] Connection::Options options() const {
    Connection::Options out;
    out.socket_directory = folder_;
    out.timeout = 300ms;
    return out;
  }

 private:
  std::string folder_;
  int listener_ = -1, client_ = -1;
  std::jthread thread_;
};

TEST(Connection, ReadsRowsWithNulls) {
  const std::string row = std::string("\0\2\0\0\0\2ab\xff\xff\xff\xff", 12);
  FakeServer server(kAccepted + message('T', std::string("\0\0", 2)) + message('D', row) + message('C', std::string("SELECT 1\0", 9)) + message('Z', "I"));
  auto connection = Connection::open(server.options());
  ASSERT_TRUE(connection) << connection.error().message;
  const auto rows = connection->query("SELECT 1");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(*rows, (std::vector<Row>{{"ab", std::nullopt}}));
}

TEST(Connection, ServerErrorsCarryTheirState) {
  FakeServer server(kAccepted + message('E', std::string("SERROR\0C42601\0Msyntax error\0\0", 29)) + message('Z', "I"));
  auto connection = Connection::open(server.options());
  ASSERT_TRUE(connection);
  const auto rows = connection->query("SELEC");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().kind, base::ErrorKind::Invalid);
  EXPECT_EQ(rows.error().message, "PostgreSQL answered: syntax error (SQLSTATE 42601)");
}

TEST(Connection, StartingUpIsTransient) {
  FakeServer server(message('E', std::string("SFATAL\0C57P03\0Mstarting up\0\0", 28)));
  EXPECT_EQ(Connection::open(server.options()).error().kind, base::ErrorKind::Transient);
}

TEST(Connection, AskingForAPasswordIsRefused) {
  FakeServer server(message('R', std::string("\0\0\0\5salt", 8)));
  EXPECT_EQ(Connection::open(server.options()).error().kind, base::ErrorKind::Forbidden);
}

TEST(Connection, SilenceAndNonsenseEndInTime) {
  for (const std::string& bytes : {std::string(), std::string("R"), message('D', "\0"), std::string("R\xff\xff\xff\xff", 5), std::string("R\0\0\0\1", 5)}) {
    FakeServer server(bytes);
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(Connection::open(server.options()).error().kind, base::ErrorKind::Transient);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  }
}

TEST(Connection, ShortRowsAreNotRead) {
  for (const auto& row : {std::string("\0\1", 2), std::string("\0\1\0\0\0\x09" "ab", 8), std::string("\0", 1)}) {
    FakeServer server(kAccepted + message('D', row) + message('Z', "I"));
    auto connection = Connection::open(server.options());
    ASSERT_TRUE(connection);
    EXPECT_EQ(connection->query("x").error().kind, base::ErrorKind::Transient);
  }
}

TEST(Connection, NobodyThere) {
  Connection::Options options;
  options.socket_directory = "/nonexistent";
  EXPECT_EQ(Connection::open(options).error().kind, base::ErrorKind::Transient);
  options.socket_directory = std::string(200, 'x');
  EXPECT_EQ(Connection::open(options).error().kind, base::ErrorKind::Invalid);
}

TEST(Quoting, LeavesNoWayOut) {
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_literal("a\\'b"), " E'a\\\\''b'");
  EXPECT_EQ(quote_identifier("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace cadence::postgres
