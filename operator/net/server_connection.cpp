#include "net/server_connection.hpp"

#include <algorithm>
#include <exception>

#include "base/log.hpp"

namespace cadence::net {

namespace {
constexpr std::size_t kReadSize = 16 * 1024;                     // a usual push in one call
constexpr std::chrono::milliseconds kLingerWhileDraining{2000};  // a process that ends does not wait for slow senders
}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<ServerCore> core, tcp::socket socket,
                                   std::shared_ptr<asio::ssl::context> tls,
                                   std::function<void(ServerConnection*)> on_gone)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      tls_context_(std::move(tls)),
      timer_(socket_.get_executor()),
      on_gone_(std::move(on_gone)) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  if (tls_context_) tls_.emplace(socket_, *tls_context_);
  const auto peer = socket_.remote_endpoint(ignored);
  if (!ignored) remote_ = peer.address().to_string();
}

ServerConnection::~ServerConnection() {
  sink_.reset();
  on_gone_(this);
}

void ServerConnection::start() {
  arm(core_->options.header_timeout);
  if (!tls_) {
    await_request();
    return;
  }
  tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this()](error_code failure) {
    if (failure || self->phase_ != Phase::Handshake) self->close();
    else self->await_request();
  });
}

void ServerConnection::drain() {
  asio::post(socket_.get_executor(), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    if (self->phase_ == Phase::Head && !self->has_begun_) return self->close();
    if (self->phase_ != Phase::Closing) return;
    self->linger_until_ = std::min(self->linger_until_, base::system_clock().monotonic() + kLingerWhileDraining);
    self->arm(self->linger_limit());
  });
}

void ServerConnection::stop() {
  asio::post(socket_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->close();
  });
}

// The timer stays as it is while the deadline moves away from it, which it does with every request: when it goes off it
// looks how much is left. To set it costs more than all else that a phase has to do.
void ServerConnection::arm(std::chrono::milliseconds after) {
  deadline_ = base::system_clock().monotonic() + after;
  if (!is_timer_set_ || deadline_ < timer_.expiry()) set_timer();
}

void ServerConnection::disarm() { deadline_ = base::Monotonic::max(); }

void ServerConnection::set_timer() {
  is_timer_set_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](error_code failure) {
    const auto self = weak.lock();
    if (failure || !self) return;
    self->is_timer_set_ = false;
    if (self->deadline_ <= base::system_clock().monotonic()) self->on_timeout();
    else if (self->deadline_ != base::Monotonic::max()) self->set_timer();
  });
}

void ServerConnection::on_timeout() {
  const bool is_owed_an_answer = (phase_ == Phase::Head && has_begun_) || phase_ == Phase::Body;
  if (is_owed_an_answer && out_.empty()) refuse(408);
  else close();
}

void ServerConnection::await_request() {
  phase_ = Phase::Head;
  has_begun_ = false;
  ++request_number_;
  sink_.reset();
  body_size_ = 0;
  is_body_over_ = false;
  parser_.emplace(core_->options.header_limit, [this](std::string_view piece) { return on_piece(piece); });
  if (core_->is_draining && raw_.empty()) {
    close();
    return;
  }
  if (raw_.empty()) raw_.shrink_to_fit();
  if (request_number_ > 1) arm(raw_.empty() ? core_->options.idle_timeout : core_->options.header_timeout);
  has_begun_ = !raw_.empty();
  if (has_begun_) process();
  else read();
}

void ServerConnection::read() {
  if (is_reading_ || is_ended_ || phase_ == Phase::Closing) return;
  // While an answer is owed, further pipelined bytes wait in the kernel once a buffer full of them is here.
  const bool is_parsing = phase_ == Phase::Head || phase_ == Phase::Body;
  if (!is_parsing && raw_.size() >= core_->options.header_limit) return;
  is_reading_ = true;
  piece_.resize(kReadSize);
  read_some(asio::buffer(piece_), [self = shared_from_this()](error_code failure, std::size_t count) {
    self->is_reading_ = false;
    if (self->phase_ == Phase::Closing) return;
    self->raw_.append(self->piece_, 0, count);
    self->on_read(failure, count);
  });
}

void ServerConnection::on_read(error_code failure, std::size_t count) {
  if (failure) {
    is_ended_ = true;
    is_persistent_ = false;
    // The client will send no more. It may still wait for its answer, but whoever works on it can stop.
    sink_.reset();
    const bool is_needed = phase_ == Phase::Waiting || phase_ == Phase::Writing;
    if (!is_needed || failure != asio::error::eof) close();
    return;
  }
  if (phase_ == Phase::Head && !has_begun_ && count != 0) {
    has_begun_ = true;
    if (request_number_ > 1) arm(core_->options.header_timeout);
  }
  if (phase_ == Phase::Head || phase_ == Phase::Body) process();
  else read();
}

void ServerConnection::process() {
  std::size_t used = 0;
  const auto state = parser_->feed(raw_, used);
  raw_.erase(0, used);
  switch (state) {
    case RequestParser::State::NeedMore:
      read();
      return;
    case RequestParser::State::HeadDone:
      on_head();
      return;
    case RequestParser::State::Done:
      finish_body();
      return;
    case RequestParser::State::Stopped:
      if (is_body_over_) refuse_body();
      else refuse(500);
      return;
    case RequestParser::State::BadRequest:
      refuse(400);
      return;
    case RequestParser::State::HeaderTooLarge:
      refuse(phase_ == Phase::Head ? 431 : 400);
      return;
  }
}

void ServerConnection::on_head() {
  is_persistent_ = parser_->keep_alive() && !core_->is_draining;
  parser_->head().remote_address = remote_;
  try {
    auto decision = core_->handler(parser_->head());
    if (auto* early = std::get_if<Response>(&decision)) {
      if (parser_->has_body()) is_persistent_ = false;  // the unread body is in the way of the next request
      answer(std::move(*early));
      return;
    }
    begin_body(std::move(std::get<Accept>(decision)));
  } catch (const std::exception& thrown) {
    base::log_error("Request handler threw", {{"error", thrown.what()}});
    refuse(500);
  }
}

void ServerConnection::begin_body(Accept accepted) {
  sink_ = std::move(accepted.sink);
  body_limit_ = accepted.body_limit;
  too_large_ = std::move(accepted.too_large);
  if (!sink_) {
    refuse(500);
    return;
  }
  if (parser_->head().content_length.value_or(0) > body_limit_) {
    refuse_body();
    return;
  }
  phase_ = Phase::Body;
  arm(core_->options.body_timeout);
  if (parser_->is_done()) {
    finish_body();
  } else if (parser_->wants_continue() && raw_.empty()) {
    write_out("HTTP/1.1 100 Continue\r\n\r\n", false);
  } else {
    process();
  }
}

bool ServerConnection::on_piece(std::string_view piece) {
  body_size_ += piece.size();
  is_body_over_ = body_size_ > body_limit_;
  if (is_body_over_) return false;
  try {
    sink_->on_body(piece);
    return true;
  } catch (const std::exception& thrown) {
    base::log_error("Request body handler threw", {{"error", thrown.what()}});
    return false;
  }
}

void ServerConnection::finish_body() {
  phase_ = Phase::Waiting;
  held_ = shared_from_this();  // nothing may be under way while the handler works
  disarm();                    // the handler's own time is its own business
  try {
    sink_->on_complete(make_responder());
  } catch (const std::exception& thrown) {
    base::log_error("Request handler threw", {{"error", thrown.what()}});
    refuse(500);
    return;
  }
  read();  // to notice that the client leaves
}

void ServerConnection::refuse(int status) {
  is_persistent_ = false;
  sink_.reset();
  answer(text_response(status, status == 431   ? "Header too large\n"
                               : status == 408 ? "Timed out\n"
                               : status == 500 ? "Internal error\n"
                                               : "Bad request\n"));
}

void ServerConnection::refuse_body() {
  is_persistent_ = false;
  sink_.reset();
  answer(too_large_ ? std::move(*too_large_) : text_response(413, "Body too large\n"));
}

void ServerConnection::answer(Response response) {
  phase_ = Phase::Writing;
  held_.reset();
  if (core_->is_draining) is_persistent_ = false;
  const auto persistence = !is_persistent_        ? Persistence::Close
                           : parser_->is_http10() ? Persistence::KeepAliveHttp10
                                                  : Persistence::KeepAlive;
  arm(core_->options.write_timeout);
  write_out(write_response(response, parser_->head().method == "HEAD", persistence), true);
}

void ServerConnection::write_out(std::string bytes, bool is_last) {
  out_ = std::move(bytes);
  auto on_written = [self = shared_from_this(), is_last](error_code failure, std::size_t) {
    self->out_ = {};
    if (failure || self->phase_ == Phase::Closing) return self->close();
    if (!is_last) {
      if (self->phase_ == Phase::Body) self->process();
      return;
    }
    if (self->is_persistent_) self->await_request();
    else self->say_goodbye();
  };
  write_all(std::move(on_written));
}

void ServerConnection::say_goodbye() {
  phase_ = Phase::Closing;
  sink_.reset();
  linger_until_ =
      base::system_clock().monotonic() + (core_->is_draining ? kLingerWhileDraining : core_->options.linger_timeout);
  arm(linger_limit());
  if (!tls_) {
    half_close();
    return;
  }
  tls_->async_shutdown([self = shared_from_this()](error_code) { self->half_close(); });
}

void ServerConnection::half_close() {
  error_code failure;
  socket_.shutdown(tcp::socket::shutdown_send, failure);
  if (failure || is_ended_) {
    close();
    return;
  }
  if (is_reading_) socket_.cancel(failure);
  linger();
}

// Closing with unread bytes makes the kernel reset the connection, and the client may lose the answer: read them away
// for a while.
void ServerConnection::linger() {
  raw_.resize(kReadSize);
  socket_.async_read_some(asio::buffer(raw_), [self = shared_from_this()](error_code ended, std::size_t count) {
    self->lingered_ += count;
    const auto left = self->linger_limit();
    if (ended || left.count() <= 0 || self->lingered_ > self->core_->options.linger_bytes) return self->close();
    self->arm(left);
    self->linger();
  });
}

std::chrono::milliseconds ServerConnection::linger_limit() const {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(linger_until_ - base::system_clock().monotonic());
  return std::min(left, core_->options.linger_pause);
}

void ServerConnection::close() {
  phase_ = Phase::Closing;
  if (stream_) stream_->is_gone = true;
  if (const auto on_gone = std::exchange(on_stream_gone_, {})) on_gone();
  held_.reset();
  disarm();
  timer_.cancel();
  sink_.reset();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace cadence::net
