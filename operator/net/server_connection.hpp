// One connection of the server: a small state machine on one of its threads, one timer for whatever phase it is in.
// Promises: buffers no more than one header's limit plus one read; lives as long as an operation of it is under way.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "net/asio.hpp"
#include "net/request_parser.hpp"
#include "net/server.hpp"
#include "net/wire.hpp"

namespace cadence::net {

// What all connections of one server share; outlives them.
struct ServerCore {
  ServerOptions options;
  HeadHandler handler;
  std::atomic<bool> is_draining{false};
  // One for each thread, so that threads share nothing and wake nobody: a connection stays with its own.
  std::vector<std::unique_ptr<asio::io_context>> contexts;
};

// What a stream's writers see of its connection.
struct StreamState {
  std::atomic<std::size_t> unsent{0};
  std::atomic<bool> is_gone{false};
};

class ServerConnection final : public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(std::shared_ptr<ServerCore> core, tcp::socket socket, std::shared_ptr<asio::ssl::context> tls,
                   std::function<void(ServerConnection*)> on_gone);
  ~ServerConnection();

  void start();
  void drain();  // any thread: close when idle, else after the present answer
  void stop();   // any thread: close now

 private:
  // Head: between two requests or inside a header. Waiting: the handler has the whole request and owes the answer.
  enum class Phase { Handshake, Head, Body, Waiting, Writing, Streaming, Closing };

  void await_request();
  void read();
  void on_read(error_code failure, std::size_t count);
  void on_timeout();
  void arm(std::chrono::milliseconds after);
  void disarm();
  void set_timer();
  void process();
  void on_head();
  void begin_body(Accept accepted);
  void finish_body();
  bool on_piece(std::string_view piece);
  void refuse(int status);  // an answer after which the connection cannot go on
  void refuse_body();
  void answer(Response response);
  void write_out(std::string bytes, bool is_last);
  void begin_stream(Response head, std::shared_ptr<StreamState> stream, std::function<void()> on_gone);
  void push(std::string piece, bool is_last);
  void write_stream();
  void end_stream();
  void say_goodbye();
  void half_close();
  void linger();
  std::chrono::milliseconds linger_limit() const;
  void close();
  Responder make_responder();
  template <class Act>
  static bool post(const std::weak_ptr<ServerConnection>& weak, Act act);
  template <class Handler>
  void write_all(Handler handler) {
    if (tls_) asio::async_write(*tls_, asio::buffer(out_), std::move(handler));
    else asio::async_write(socket_, asio::buffer(out_), std::move(handler));
  }

  template <class Handler>
  void read_some(asio::mutable_buffer into, Handler handler) {
    if (tls_) tls_->async_read_some(into, std::move(handler));
    else socket_.async_read_some(into, std::move(handler));
  }

  std::shared_ptr<ServerCore> core_;
  tcp::socket socket_;
  std::shared_ptr<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  asio::steady_timer timer_;
  std::function<void(ServerConnection*)> on_gone_;
  std::string remote_, raw_, piece_, out_;
  Phase phase_ = Phase::Handshake;
  std::optional<RequestParser> parser_;
  std::unique_ptr<RequestSink> sink_;
  std::shared_ptr<ServerConnection> held_;  // itself, while an answer is owed
  std::optional<Response> too_large_;
  std::shared_ptr<StreamState> stream_;
  std::function<void()> on_stream_gone_;
  std::string unsent_;
  std::size_t unsent_payload_ = 0;
  bool is_stream_over_ = false, is_stream_writing_ = false;
  std::uint64_t body_limit_ = 0, body_size_ = 0, request_number_ = 0, lingered_ = 0;
  base::Monotonic linger_until_{}, deadline_ = base::Monotonic::max();
  bool is_timer_set_ = false;
  bool is_reading_ = false, is_ended_ = false, is_persistent_ = true, has_begun_ = false, is_body_over_ = false;
};

}  // namespace cadence::net
