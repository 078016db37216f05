#include <gmock/gmock.h>

#include "net/pki.hpp"
#include "net/server.hpp"
#include "net/tls_channel.hpp"
#include "net/transport.hpp"
#include "raw_peer.hpp"

namespace cadence::net {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::RawPeer;
using testing::ScriptedServer;

KeyPair ca(const std::string& name = "test ca") {
  return make_ca(name, std::chrono::hours(24), base::system_clock().wall()).value();
}

KeyPair leaf(const KeyPair& authority, std::vector<std::string> dns, std::vector<std::string> ips,
             std::chrono::hours lifetime = std::chrono::hours(1)) {
  return issue_certificate(
             authority,
             {.common_name = "leaf", .dns_names = std::move(dns), .ip_addresses = std::move(ips), .lifetime = lifetime},
             base::system_clock().wall())
      .value();
}

std::unique_ptr<Server> serve(const KeyPair& identity, const std::string& client_ca = {}) {
  ServerOptions options{
      .address = "127.0.0.1", .port = 0, .tls = ServerTls{identity.certificate_pem, identity.key_pem, client_ca}};
  return start_server(options, simple_handler([](const RequestHead& head, std::string body) {
                        return text_response(200, head.method + body);
                      }))
      .value();
}

base::Result<Response> ask(std::uint16_t port, ClientTls tls, const std::string& host = "127.0.0.1",
                           bool is_cpprest = false) {
  const auto origin = [=]() -> base::Result<Origin> { return Origin{host, port, tls}; };
  const auto transport = is_cpprest ? make_cpprest_transport(origin) : make_beast_transport(origin);
  return transport->send({"PUT", "/", {}, "hello"}, seconds(5), {});
}

// Both transports must judge a server alike.
class Tls : public ::testing::TestWithParam<bool> {
 protected:
  base::Result<Response> ask_it(std::uint16_t port, ClientTls tls, const std::string& host = "127.0.0.1") const {
    return ask(port, std::move(tls), host, GetParam());
  }
};

TEST_P(Tls, TrustsTheGivenCaAndChecksTheName) {
  const auto authority = ca();
  const auto server = serve(leaf(authority, {"localhost", "api.test"}, {"127.0.0.1"}));
  const ClientTls tls{.ca_pem = authority.certificate_pem};
  const auto by_address = ask_it(server->port(), tls);
  ASSERT_TRUE(by_address) << by_address.error().message;
  EXPECT_EQ(by_address->body, "PUThello");
  EXPECT_TRUE(ask_it(server->port(), tls, "localhost"));
  auto renamed = tls;
  renamed.server_name = "api.test";
  EXPECT_TRUE(ask_it(server->port(), renamed));
  renamed.server_name = "other.test";
  EXPECT_FALSE(ask_it(server->port(), renamed));
}

TEST_P(Tls, RefusesAWrongAddressAStrangeCaAndNoCa) {
  const auto authority = ca();
  const auto server = serve(leaf(authority, {"localhost"}, {"127.0.0.2"}));
  EXPECT_FALSE(ask_it(server->port(), {.ca_pem = authority.certificate_pem}));
  EXPECT_FALSE(ask_it(server->port(), {.ca_pem = ca("other").certificate_pem}, "localhost"));
  EXPECT_FALSE(ask_it(server->port(), {}, "localhost"));
  ClientTls unverified;
  unverified.is_verified = false;
  EXPECT_TRUE(ask_it(server->port(), unverified));
}

TEST_P(Tls, RefusesAnExpiredCertificate) {
  const auto authority = ca();
  const auto server = serve(leaf(authority, {"localhost"}, {}, std::chrono::hours(-1)));
  EXPECT_FALSE(ask_it(server->port(), {.ca_pem = authority.certificate_pem}, "localhost"));
}

TEST_P(Tls, PresentsAClientCertificate) {
  const auto authority = ca();
  const auto server = serve(leaf(authority, {}, {"127.0.0.1"}), authority.certificate_pem);
  const auto identity = leaf(authority, {}, {});
  EXPECT_TRUE(ask_it(
      server->port(),
      {.ca_pem = authority.certificate_pem, .certificate_pem = identity.certificate_pem, .key_pem = identity.key_pem}));
  EXPECT_FALSE(ask_it(server->port(), {.ca_pem = authority.certificate_pem}));
  const auto stranger = leaf(ca("other"), {}, {});
  EXPECT_FALSE(ask_it(
      server->port(),
      {.ca_pem = authority.certificate_pem, .certificate_pem = stranger.certificate_pem, .key_pem = stranger.key_pem}));
}

TEST_P(Tls, ARenewedCertificateServesTheNextConnection) {
  const auto old_authority = ca("old"), new_authority = ca("new");
  const auto server = serve(leaf(old_authority, {}, {"127.0.0.1"}));
  EXPECT_TRUE(ask_it(server->port(), {.ca_pem = old_authority.certificate_pem}));
  const auto renewed = leaf(new_authority, {}, {"127.0.0.1"});
  server->renew_tls({renewed.certificate_pem, renewed.key_pem, {}});
  EXPECT_TRUE(ask_it(server->port(), {.ca_pem = new_authority.certificate_pem}));
  EXPECT_FALSE(ask_it(server->port(), {.ca_pem = old_authority.certificate_pem}));
  server->renew_tls({"nonsense", "", {}});
  EXPECT_TRUE(ask_it(server->port(), {.ca_pem = new_authority.certificate_pem}));
}

INSTANTIATE_TEST_SUITE_P(Transports, Tls, ::testing::Values(false, true),
                         [](const auto& run) { return run.param ? "cpprest" : "beast"; });

TEST(TlsErrors, SayWhatIsWrong) {
  const auto authority = ca();
  const auto server = serve(leaf(authority, {"localhost"}, {}));
  const auto answer = ask(server->port(), {.ca_pem = authority.certificate_pem});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("IP address mismatch"));
  const auto no_key =
      start_server({.address = "127.0.0.1", .port = 0, .tls = ServerTls{authority.certificate_pem, "", ""}}, nullptr);
  ASSERT_FALSE(no_key);
  EXPECT_THAT(no_key.error().message, HasSubstr("private key"));
}

TEST(TlsErrors, CertificatesAreWholeOrNamedAsDamaged) {
  const std::string one = make_ca("one", std::chrono::hours(1), base::system_clock().wall())->certificate_pem;
  for (const std::string& good : {one, "words before\n" + one + "and after\n" + one})
    EXPECT_TRUE(check_certificates(good)) << good;
  EXPECT_EQ(check_certificates("words").error().message, "there is no PEM certificate");
  for (const std::string& bad :
       {one.substr(0, 100), one + one.substr(0, 100), one.substr(0, 100) + "!" + one.substr(101)}) {
    const auto checked = check_certificates(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_TRUE(checked.error().message.starts_with("a block of the PEM text is cut off or damaged. "))
        << checked.error().message;
  }
}

TEST(TlsServer, APlainRequestGetsNoAnswer) {
  const auto server = serve(leaf(ca(), {"localhost"}, {}));
  const testing::RawPeer client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), ::testing::Not(HasSubstr("HTTP/1.1")));
  EXPECT_TRUE(testing::eventually([&] { return server->connections() == 0; }));
}

// A TLS server behind a relay that can do what a network does to a connection.
class TlsStream : public ::testing::Test {
 protected:
  base::Result<std::unique_ptr<ByteStream>> open_at(std::uint16_t port) const {
    const auto opener = make_beast_stream_opener([=, this]() -> base::Result<Origin> {
      return Origin{"127.0.0.1", port, ClientTls{.ca_pem = authority_.certificate_pem}};
    });
    return opener->open({"GET", "/", {}, ""}, seconds(5), {});
  }
  static constexpr std::size_t kSize = 3 << 20;
  const KeyPair authority_ = ca();
  const KeyPair identity_ = leaf(authority_, {}, {"127.0.0.1"});
  const std::unique_ptr<Server> server_ =
      start_server(
          {.address = "127.0.0.1", .port = 0, .tls = ServerTls{identity_.certificate_pem, identity_.key_pem, ""}},
          simple_handler([](const RequestHead&, std::string) { return text_response(200, std::string(kSize, 'x')); }))
          .value();
};

TEST_F(TlsStream, CarriesMuchAndEndsProperly) {
  const auto stream = open_at(server_->port());
  ASSERT_TRUE(stream) << stream.error().message;
  std::size_t total = 0;
  char into[1000];
  for (;;) {
    const auto count = (*stream)->read_some(into, seconds(5), {});
    ASSERT_TRUE(count) << count.error().message;
    if (*count == 0) break;
    total += *count;
  }
  EXPECT_EQ(total, kSize);
}

TEST_F(TlsStream, AnEndWithoutNoticeIsACut) {
  const ScriptedServer relay({[&](RawPeer& client) {
    RawPeer server(server_->port());
    client.relay(server, 1 << 20);
  }});
  const auto stream = open_at(relay.port());
  ASSERT_TRUE(stream) << stream.error().message;
  char into[4096];
  auto count = (*stream)->read_some(into, seconds(5), {});
  while (count && *count != 0) count = (*stream)->read_some(into, seconds(5), {});
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().kind, base::ErrorKind::Transient);
  EXPECT_FALSE((*stream)->read_some(into, seconds(5), {})) << "a broken connection stays broken";
}

// A connection that ends after so many received bytes.
class Carrier final : public TlsCarrier {
 public:
  explicit Carrier(std::uint16_t port, std::size_t bytes = SIZE_MAX)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), left_(bytes) {
    const auto address = testing::loopback(port);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  ~Carrier() override { ::close(socket_); }
  ssize_t send(std::string_view bytes) override { return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  ssize_t receive(std::span<char> into) override {
    const ssize_t got = ::recv(socket_, into.data(), std::min(into.size(), left_), 0);
    left_ -= static_cast<std::size_t>(std::max<ssize_t>(got, 0));
    return got;
  }

 private:
  const int socket_;
  std::size_t left_;
};

class Channel : public TlsStream {
 protected:
  base::Result<std::unique_ptr<TlsChannel>> open_over(Carrier& carrier, const std::string& name = "127.0.0.1") const {
    return TlsChannel::open(carrier, ClientTls{.ca_pem = authority_.certificate_pem}, name);
  }
  static base::Result<std::size_t> read_all(TlsChannel& channel) {
    std::size_t total = 0;
    for (char into[1000];;) {
      const auto count = channel.read(into);
      if (!count) return count;
      if (*count == 0) return total;
      total += *count;
    }
  }
  static constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
};

TEST_F(Channel, CarriesMuchAndEndsProperly) {
  Carrier carrier(server_->port());
  const auto channel = open_over(carrier);
  ASSERT_TRUE(channel) << channel.error().message;
  EXPECT_FALSE((*channel)->certificate().empty());
  ASSERT_EQ(*(*channel)->write(kRequest), kRequest.size());
  const auto total = read_all(**channel);
  ASSERT_TRUE(total) << total.error().message;
  EXPECT_GT(*total, kSize);
}

TEST_F(Channel, AnEndWithoutNoticeIsACut) {
  Carrier carrier(server_->port(), 1 << 20);
  const auto channel = open_over(carrier);
  ASSERT_TRUE(channel) << channel.error().message;
  ASSERT_TRUE((*channel)->write(kRequest));
  EXPECT_EQ(read_all(**channel).error().kind, base::ErrorKind::Transient);
  Carrier short_lived(server_->port(), 100);
  EXPECT_EQ(open_over(short_lived).error().kind, base::ErrorKind::Transient);
}

TEST_F(Channel, NamesAPeerThatIsNotTheOneThatWasMeant) {
  Carrier carrier(server_->port());
  const auto channel = open_over(carrier, "git.test");
  ASSERT_FALSE(channel);
  EXPECT_EQ(channel.error().kind, base::ErrorKind::Invalid);
  EXPECT_EQ(channel.error().message, "its certificate is not trusted: hostname mismatch");
}

TEST_F(Channel, AFullNameCountsWithoutItsLastDot) {
  const auto server = serve(leaf(authority_, {"git.test"}, {}));
  Carrier carrier(server->port());
  EXPECT_TRUE(open_over(carrier, "git.test."));
}

// In TLS 1.3 the client's handshake is over before the server misses its certificate.
TEST_F(Channel, TellsWhyAPeerEndedIt) {
  const auto server = serve(identity_, authority_.certificate_pem);
  Carrier carrier(server->port());
  const auto channel = open_over(carrier);
  ASSERT_TRUE(channel) << channel.error().message;
  const auto answer = read_all(**channel);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Invalid);
  EXPECT_THAT(answer.error().message, HasSubstr("the peer ended it: tlsv13 alert certificate required"));
}

TEST_F(TlsStream, SilenceAndAStopEndARead) {
  const auto silent = [&](RawPeer& client) {
    RawPeer server(server_->port());
    client.relay(server, 1 << 20);
    client.read_to_end();
  };
  const ScriptedServer relay({silent, silent});
  char into[4096];
  const auto read_all = [&](ByteStream& stream, std::chrono::milliseconds idle, std::stop_token stop) {
    auto count = stream.read_some(into, idle, stop);
    while (count && *count != 0) count = stream.read_some(into, idle, stop);
    return count;
  };
  {
    const auto stream = open_at(relay.port());
    ASSERT_TRUE(stream) << stream.error().message;
    const auto late = read_all(**stream, std::chrono::milliseconds(300), {});
    ASSERT_FALSE(late);
    EXPECT_THAT(late.error().message, HasSubstr("timed out"));
  }
  const auto stream = open_at(relay.port());
  ASSERT_TRUE(stream) << stream.error().message;
  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  const auto stopped = read_all(**stream, seconds(30), stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, base::ErrorKind::Canceled);
}

}  // namespace
}  // namespace cadence::net
