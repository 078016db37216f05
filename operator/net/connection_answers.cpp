// What a connection owes its client: handles for answers from any thread, and bodies that come piece by piece.
#include "net/server_connection.hpp"

namespace cadence::net {

// Posted by a weak handle: an answer to a server that is gone must not keep it alive.
template <class Act>
bool ServerConnection::post(const std::weak_ptr<ServerConnection>& weak, Act act) {
  const auto self = weak.lock();
  if (!self) return false;
  asio::post(self->socket_.get_executor(), [weak, act = std::move(act)]() mutable {
    if (const auto alive = weak.lock()) act(*alive);
  });
  return true;
}

Responder ServerConnection::make_responder() {
  const auto weak = weak_from_this();
  const auto number = request_number_;
  const auto is_owed = [number](const ServerConnection& one) {
    return one.request_number_ == number && one.phase_ == Phase::Waiting;
  };
  const auto begin = [weak, is_owed](Response head, std::function<void()> on_gone) {
    auto state = std::make_shared<StreamState>();
    post(weak, [is_owed, state, head = std::move(head), on_gone](ServerConnection& one) mutable {
      if (is_owed(one)) return one.begin_stream(std::move(head), state, std::move(on_gone));
      state->is_gone = true;
      on_gone();
    });
    return Stream([weak, state](std::string piece, bool is_last) {
      const auto size = piece.size();
      if (state->is_gone || state->unsent.fetch_add(size) > Stream::kMostUnsent) state->is_gone = true;
      const auto push = [piece = std::move(piece), is_last, state](ServerConnection& one) mutable {
        if (one.stream_ != state || one.phase_ != Phase::Streaming) return;
        if (state->is_gone) one.close();
        else one.push(std::move(piece), is_last);
      };
      return post(weak, push) && !state->is_gone;
    });
  };
  return Responder(
      [weak, is_owed](Response response) {
        post(weak, [is_owed, response = std::move(response)](ServerConnection& one) mutable {
          if (is_owed(one)) one.answer(std::move(response));
        });
      },
      begin);
}

void ServerConnection::begin_stream(Response head, std::shared_ptr<StreamState> stream, std::function<void()> on_gone) {
  phase_ = Phase::Streaming;
  is_persistent_ = false;
  stream_ = std::move(stream);
  on_stream_gone_ = std::move(on_gone);
  if (is_ended_) return close();
  unsent_ = write_stream_head(head, parser_->is_http10());
  write_stream();
  if (parser_->head().method == "HEAD") push({}, true);
}

void ServerConnection::push(std::string piece, bool is_last) {
  if (is_stream_over_) return;
  unsent_payload_ += piece.size();
  unsent_ += write_chunk(piece, parser_->is_http10());
  is_stream_over_ = is_last;
  if (is_last && !parser_->is_http10() && parser_->head().method != "HEAD") unsent_ += kLastChunk;
  if (is_stream_writing_) return;
  if (!unsent_.empty()) write_stream();
  else if (is_last) end_stream();
}

void ServerConnection::write_stream() {
  is_stream_writing_ = true;
  out_ = std::exchange(unsent_, {});
  stream_->unsent -= std::exchange(unsent_payload_, 0);
  arm(core_->options.write_timeout);
  write_all([self = shared_from_this()](error_code failure, std::size_t) {
    self->out_ = {};
    self->is_stream_writing_ = false;
    if (failure || self->phase_ != Phase::Streaming) return self->close();
    self->disarm();  // how long the next piece takes to come is not the client's doing
    if (!self->unsent_.empty()) self->write_stream();
    else if (self->is_stream_over_) self->end_stream();
  });
}

void ServerConnection::end_stream() {
  held_.reset();
  stream_->is_gone = true;
  on_stream_gone_ = {};
  say_goodbye();
}

}  // namespace cadence::net
