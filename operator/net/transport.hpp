// Ports for outgoing HTTP: Transport for a whole request and answer, StreamOpener for answers read piece by piece
// (watches). Promises: no call outlives its deadline; a stop ends it at once with ErrorKind::Canceled; redirects are
// never followed, so credentials stay with the origin; any HTTP status is a value, only transport failures are errors
// (Transient, outcome unknown).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace cadence::net {

class Transport {
 public:
  virtual ~Transport() = default;
  virtual base::Result<Response> send(const Request& request, std::chrono::milliseconds deadline,
                                      std::stop_token stop) = 0;
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  [[nodiscard]] virtual int status() const = 0;
  [[nodiscard]] virtual const std::vector<Header>& headers() const = 0;
  // Bytes of the body as they come; 0 at its proper end. An answer cut short is a Transient error. Silence longer than
  // `idle` is Transient as well. Reading slowly slows the server (back-pressure): nothing is buffered beyond one read.
  virtual base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds idle,
                                              std::stop_token stop) = 0;
};

class StreamOpener {
 public:
  virtual ~StreamOpener() = default;
  // Returns when the header has come; `deadline` bounds connecting and waiting for it.
  virtual base::Result<std::unique_ptr<ByteStream>> open(const Request& request, std::chrono::milliseconds deadline,
                                                         std::stop_token stop) = 0;
};

// Origins are asked for on each new connection, so that rotated certificates are picked up.
using OriginSource = std::function<base::Result<Origin>()>;

// the operator's and the webhook server's unary calls
std::unique_ptr<Transport> make_cpprest_transport(OriginSource origin);
inline constexpr std::size_t kLargestAnswer = std::size_t{512} << 20;
// Small and exact: the in-pod agents, and whoever asks strangers for little: a body beyond `largest` bytes is an error.
std::unique_ptr<Transport> make_beast_transport(OriginSource origin, std::size_t largest = kLargestAnswer);
std::unique_ptr<StreamOpener> make_beast_stream_opener(OriginSource origin);

// First thing in main of a program that uses cpprest: bounds its thread pool and ignores SIGPIPE.
void set_up_cpprest(int threads = 2);

// A stream over a Unix socket that sends `command` and reads the answer to its end (HAProxy's runtime API).
base::Result<std::string> ask_unix_socket(const std::string& path, std::string_view command,
                                          std::chrono::milliseconds deadline);

}  // namespace cadence::net
