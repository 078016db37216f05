#include "net/request_parser.hpp"

#include <limits>

#include "base/text.hpp"

namespace cadence::net {

namespace http = boost::beast::http;

RequestParser::RequestParser(std::size_t header_limit, std::function<bool(std::string_view)> on_body)
    : limit_(header_limit), on_body_(std::move(on_body)) {
  this->header_limit(static_cast<std::uint32_t>(header_limit));
  // each request has its own, counted by the connection; "none" fails in 1.74
  body_limit(std::numeric_limits<std::uint64_t>::max());
}

RequestParser::State RequestParser::feed(std::string_view raw, std::size_t& used) {
  used = 0;
  while (!is_done()) {
    const bool had_header = is_header_done();
    error_code failure;
    used += put({raw.data() + used, raw.size() - used}, failure);
    if (is_stopped_) return State::Stopped;
    if (failure == http::error::header_limit) return State::HeaderTooLarge;
    if (failure == http::error::need_more) {
      // Beast wants a header line or a chunk's line in one piece; the connection holds no more than the limit.
      return raw.size() - used < limit_ ? State::NeedMore : State::HeaderTooLarge;
    }
    if (failure) return State::BadRequest;
    if (!had_header && is_header_done()) return State::HeadDone;
    if (used == raw.size() && !is_done()) return State::NeedMore;
  }
  return State::Done;
}

bool RequestParser::wants_continue() const {
  return !is_http10() && base::equals_ignoring_case(find_header(head_.headers, "Expect"), "100-continue");
}

void RequestParser::on_request_impl(http::verb, View method, View target, int version, error_code& ec) {
  version_ = version;
  header_bytes_ += method.size() + target.size() + 12;
  if (header_bytes_ > limit_) ec = http::error::header_limit;
  head_.method = std::string(method);
  head_.target = std::string(target);
}

void RequestParser::on_field_impl(Field field, View name, View value, error_code& ec) {
  if (is_header_done()) return;  // trailers are dropped
  header_bytes_ += name.size() + value.size() + 4;
  if (header_bytes_ > limit_) {
    ec = http::error::header_limit;
    return;
  }
  if (field == http::field::content_length && (++lengths_ > 1 || value.find(',') != View::npos))
    ec = http::error::bad_content_length;
  if (field == http::field::transfer_encoding) {
    const bool is_plain_chunked = base::equals_ignoring_case({value.data(), value.size()}, "chunked");
    if (++encodings_ > 1 || !is_plain_chunked || version_ < 11) ec = http::error::bad_transfer_encoding;
  }
  if (field == http::field::host) ++hosts_;
  head_.headers.push_back({std::string(name), std::string(value)});
}

void RequestParser::on_header_impl(error_code& ec) {
  if (lengths_ != 0 && encodings_ != 0) ec = http::error::bad_transfer_encoding;
  // RFC 9112 §3.2: exactly one Host in HTTP/1.1.
  if (hosts_ > 1 || (hosts_ == 0 && version_ >= 11)) ec = http::error::bad_field;
  if (lengths_ != 0) {
    const auto length = base::parse_integer(find_header(head_.headers, "Content-Length"));
    if (!length || *length < 0) ec = http::error::bad_content_length;
    else head_.content_length = static_cast<std::uint64_t>(*length);
  }
}

std::size_t RequestParser::pass_on(View body, error_code& ec) {
  if (!on_body_({body.data(), body.size()})) {
    is_stopped_ = true;
    ec = http::error::body_limit;
  }
  return body.size();
}

}  // namespace cadence::net
