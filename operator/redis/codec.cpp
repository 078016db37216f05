#include "redis/codec.hpp"

#include <hiredis/hiredis.h>

namespace cadence::redis {
namespace {

using base::Error;
using base::ErrorKind;

struct FreeReply {
  void operator()(void* reply) const { freeReplyObject(reply); }
};

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

Reply to_reply(const redisReply& raw) {
  Reply out;
  const auto text = [&] {
    return raw.str == nullptr ? std::string() : std::string(raw.str, static_cast<std::size_t>(raw.len));
  };
  switch (raw.type) {
    case REDIS_REPLY_STATUS:
      out.kind = Reply::Kind::Status;
      out.text = text();
      break;
    case REDIS_REPLY_ERROR:
      out.kind = Reply::Kind::Error;
      out.text = text();
      break;
    case REDIS_REPLY_STRING:
      out.kind = Reply::Kind::Text;
      out.text = text();
      break;
    case REDIS_REPLY_INTEGER:
      out.kind = Reply::Kind::Integer;
      out.integer = raw.integer;
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = Reply::Kind::Array;
      out.items.reserve(raw.elements);
      for (std::size_t i = 0; i < raw.elements; ++i) out.items.push_back(to_reply(*raw.element[i]));
      break;
    default:
      break;  // nil, and what RESP2 does not have
  }
  return out;
}

}  // namespace

struct Decoder::State {
  std::unique_ptr<redisReader, FreeReader> reader{redisReaderCreate()};
  std::size_t max_reply_bytes = 0;
  std::size_t pending_bytes = 0;  // fed since the last whole reply
};

Decoder::Decoder(std::size_t max_reply_bytes) : state_(std::make_unique<State>()) {
  state_->max_reply_bytes = max_reply_bytes;
}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

base::Result<void> Decoder::feed(std::string_view bytes) {
  state_->pending_bytes += bytes.size();
  if (state_->pending_bytes > state_->max_reply_bytes)
    return Error{ErrorKind::Invalid, "Redis sent a reply above " + std::to_string(state_->max_reply_bytes) + " bytes"};
  if (redisReaderFeed(state_->reader.get(), bytes.data(), bytes.size()) != REDIS_OK)
    return Error{ErrorKind::Invalid, std::string("Could not read Redis' reply: ") + state_->reader->errstr};
  return base::ok();
}

base::Result<std::optional<Reply>> Decoder::next() {
  void* raw = nullptr;
  if (redisReaderGetReply(state_->reader.get(), &raw) != REDIS_OK)
    return Error{ErrorKind::Invalid, std::string("Could not read Redis' reply: ") + state_->reader->errstr};
  if (raw == nullptr) return std::optional<Reply>{};
  const std::unique_ptr<void, FreeReply> owned(raw);
  state_->pending_bytes = 0;
  return std::optional<Reply>{to_reply(*static_cast<const redisReply*>(raw))};
}

std::string encode(const Request& request) {
  std::string out = "*" + std::to_string(request.size()) + "\r\n";
  for (const auto& argument : request) out += "$" + std::to_string(argument.size()) + "\r\n" + argument + "\r\n";
  return out;
}

base::Error to_error(const Reply& reply) {
  const std::string code = reply.text.substr(0, reply.text.find(' '));
  ErrorKind kind = ErrorKind::Invalid;
  if (code == "LOADING" || code == "BUSY" || code == "MASTERDOWN" || code == "CLUSTERDOWN" || code == "TRYAGAIN")
    kind = ErrorKind::Transient;
  if (code == "NOAUTH" || code == "WRONGPASS" || code == "NOPERM") kind = ErrorKind::Forbidden;
  return {kind, "Redis answered '" + reply.text + "'"};
}

}  // namespace cadence::redis
