#include "analysis/source/guard/tls_stream.hpp"

#include <sys/socket.h>

#include <memory>
#include <string>

#include "analysis/source/guard/guarded_stream.hpp"
#include "net/tls_channel.hpp"

namespace cadence::analysis::source {
namespace {

// The guard counts and cuts what is received.
class GuardedSocket final : public net::TlsCarrier {
 public:
  ~GuardedSocket() override { close(); }
  bool connect(NetworkGuard& guard, const std::string& host, const std::string& port) {
    close();
    socket_ = guard.connect(host, port);
    return socket_ >= 0;
  }
  void close() { close_guarded(socket_); }
  ssize_t send(std::string_view bytes) override { return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  ssize_t receive(std::span<char> into) override {
    NetworkGuard* guard = NetworkGuard::current();
    return guard != nullptr ? guard->receive(socket_, into.data(), into.size()) : -1;
  }

 private:
  int socket_ = -1;
};

struct TlsStream {
  git_stream parent{};  // first, for libgit2 knows this alone
  std::string host;
  std::string port;
  GuardedSocket socket;
  std::unique_ptr<net::TlsChannel> channel;  // ends before its socket
  std::string certificate;
  git_cert_x509 shown{{GIT_CERT_X509}, nullptr, 0};
};

TlsStream& ours(git_stream* stream) { return *reinterpret_cast<TlsStream*>(stream); }

constexpr const char* kLater = "Try again later";
constexpr const char* kCheck =
    "Check the URL and the server's certificate; that of an authority of one's own is put, as PEM, into "
    "clone.credentials_folder";

// Unless the guard itself has said what happened to the connection.
int refuse(NetworkGuard& guard, const TlsStream& stream, const base::Error& error) {
  if (guard.refusal()) return -1;
  return guard.refuse(error.kind, "no secure connection to " + stream.host + " port " + stream.port + ": " +
                                      error.message + ". " +
                                      (error.kind == base::ErrorKind::Transient ? kLater : kCheck));
}

// Of a channel's read or write.
ssize_t counted(NetworkGuard& guard, const TlsStream& stream, const base::Result<std::size_t>& count) {
  return count ? static_cast<ssize_t>(*count) : refuse(guard, stream, count.error());
}

int stream_connect(git_stream* face) {
  TlsStream& stream = ours(face);
  NetworkGuard* guard = NetworkGuard::current();
  if (guard == nullptr) return refuse_without_guard();
  if (!stream.socket.connect(*guard, stream.host, stream.port)) return -1;
  const auto authorities = guard->authorities();
  net::ClientTls tls;
  tls.trusts_system = true;
  if (authorities) tls.ca_pem = *authorities;
  auto channel = net::TlsChannel::open(stream.socket, tls, stream.host);
  // Whom the machine's own authorities vouch for needs no others; for all else what is wrong with those is the reason.
  const bool needs_authorities = !channel && !authorities && channel.error().kind == base::ErrorKind::Invalid;
  if (needs_authorities && !guard->refusal())
    return guard->refuse(authorities.error().kind, authorities.error().message);
  if (!channel) return refuse(*guard, stream, channel.error());
  stream.channel = std::move(*channel);
  return 0;
}

int stream_certificate(git_cert** out, git_stream* face) {
  TlsStream& stream = ours(face);
  stream.certificate = stream.channel->certificate();
  stream.shown.data = stream.certificate.data();
  stream.shown.len = stream.certificate.size();
  *out = &stream.shown.parent;
  return 0;
}

ssize_t stream_read(git_stream* face, void* data, std::size_t length) {
  NetworkGuard* guard = NetworkGuard::current();
  if (guard == nullptr) return refuse_without_guard();
  return counted(*guard, ours(face), ours(face).channel->read({static_cast<char*>(data), length}));
}

ssize_t stream_write(git_stream* face, const char* data, std::size_t length, int) {
  NetworkGuard* guard = NetworkGuard::current();
  if (guard == nullptr) return refuse_without_guard();
  return counted(*guard, ours(face), ours(face).channel->write({data, length}));
}

int stream_close(git_stream* face) {
  ours(face).channel.reset();
  ours(face).socket.close();
  return 0;
}

void stream_free(git_stream* face) { delete &ours(face); }

}  // namespace

int make_tls_stream(git_stream** out, const char* host, const char* port) {
  auto* stream = new TlsStream;
  stream->parent.version = GIT_STREAM_VERSION;
  stream->parent.encrypted = 1;
  stream->parent.connect = stream_connect;
  stream->parent.certificate = stream_certificate;
  stream->parent.read = stream_read;
  stream->parent.write = stream_write;
  stream->parent.close = stream_close;
  stream->parent.free = stream_free;
  stream->host = host;
  stream->port = port;
  *out = &stream->parent;
  return 0;
}

}  // namespace cadence::analysis::source
