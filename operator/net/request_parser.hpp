// Reads requests with Beast's parser and adds what it lacks: a limit on the whole header, and refusal of every framing
// two parties could read differently (RFC 9112 §6.1, §6.3, §11.2). Pure: bytes in, head and body pieces out.
#pragma once

#include "net/asio.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <functional>
#include <string_view>

#include "net/server.hpp"

namespace cadence::net {

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  // `on_body` gets each piece; false stops the parsing.
  RequestParser(std::size_t header_limit, std::function<bool(std::string_view)> on_body);

  enum class State { NeedMore, HeadDone, Done, Stopped, BadRequest, HeaderTooLarge };
  // Uses bytes from the front of `raw`; tells in `used` how many. Returns after the head so that the caller can decide
  // on the body.
  State feed(std::string_view raw, std::size_t& used);

  [[nodiscard]] const RequestHead& head() const { return head_; }
  [[nodiscard]] RequestHead& head() { return head_; }
  [[nodiscard]] bool has_body() const { return chunked() || head_.content_length.value_or(0) != 0; }
  [[nodiscard]] bool is_http10() const { return version_ < 11; }
  [[nodiscard]] bool wants_continue() const;

 private:
  using View = boost::beast::string_view;
  using Field = boost::beast::http::field;
  void on_request_impl(boost::beast::http::verb, View method, View target, int version, error_code& ec) override;
  void on_response_impl(int, View, int, error_code&) override {}
  void on_field_impl(Field field, View name, View value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(View body, error_code& ec) override { return pass_on(body, ec); }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code& ec) override { return pass_on(body, ec); }
  void on_finish_impl(error_code&) override {}
  std::size_t pass_on(View body, error_code& ec);

  std::size_t limit_, header_bytes_ = 0;
  std::function<bool(std::string_view)> on_body_;
  RequestHead head_;
  int version_ = 11, lengths_ = 0, encodings_ = 0, hosts_ = 0;
  bool is_stopped_ = false;
};

}  // namespace cadence::net
