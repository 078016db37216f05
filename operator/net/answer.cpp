#include "net/answer.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <limits>

#include "net/wire.hpp"

namespace cadence::net {

namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {
constexpr std::size_t kHeaderLimit = 64 * 1024;
constexpr std::size_t kReadSize = 4 * 1024;  // held by every open stream
}  // namespace

// Beast's parser with the body copied straight into the caller's span.
class ResponseParser final : public http::basic_parser<false> {
 public:
  explicit ResponseParser(bool is_head) {
    header_limit(kHeaderLimit);
    // Watches have no end, whole answers are bounded by their reader. (Beast 1.74 refuses every length when the limit
    // is "none".)
    body_limit(std::numeric_limits<std::uint64_t>::max());
    if (is_head) skip(true);
  }

  // Takes bytes from `raw` until the header is complete, `into` is full or more is needed.
  error_code feed(std::string& raw, std::span<char> into, std::size_t& written) {
    into_ = into;
    error_code failure;
    std::size_t used = 0;
    while (used < raw.size() && !is_done()) {
      const bool had_header = is_header_done();
      if (had_header && into_.empty()) break;
      used += put({raw.data() + used, raw.size() - used}, failure);
      if (failure || is_header_done() != had_header) break;
    }
    written = into.size() - into_.size();
    raw.erase(0, used);
    return failure == http::error::need_more ? error_code() : failure;
  }

  int status = 0;
  std::vector<Header> headers;

 private:
  void on_request_impl(http::verb, beast::string_view, beast::string_view, int, error_code&) override {}
  void on_response_impl(int code, beast::string_view, int, error_code&) override { status = code; }
  void on_field_impl(http::field, beast::string_view name, beast::string_view value, error_code& ec) override {
    if (is_header_done()) return;  // trailers
    header_bytes_ += name.size() + value.size() + 4;
    if (header_bytes_ > kHeaderLimit) {
      ec = http::error::header_limit;
      return;
    }
    headers.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, error_code&) override { return take(body); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code&) override { return take(body); }
  void on_finish_impl(error_code&) override {}

  std::size_t take(beast::string_view body) {
    const auto count = std::min(body.size(), into_.size());
    if (count != 0) std::memcpy(into_.data(), body.data(), count);
    into_ = into_.subspan(count);
    return count;
  }

  std::span<char> into_;
  std::size_t header_bytes_ = 0;
};

Answer::Answer(ClientConnection& connection, bool is_head)
    : connection_(connection), is_head_(is_head), parser_(std::make_unique<ResponseParser>(is_head)) {}
Answer::~Answer() = default;

int Answer::status() const { return parser_->status; }
const std::vector<Header>& Answer::headers() const { return parser_->headers; }
bool Answer::is_reusable() const { return parser_->is_done() && parser_->keep_alive() && raw_.empty(); }

base::Error Answer::broken(const std::string& why) const {
  return {base::ErrorKind::Transient, "Could not read the answer of " + host_header(connection_.origin()) + ": " + why};
}

base::Result<bool> Answer::fill(base::Monotonic deadline, std::stop_token stop) {
  const auto old = raw_.size();
  if (old > kHeaderLimit + kReadSize) return broken("a header or chunk line is too long");
  raw_.resize(old + kReadSize);
  auto count = connection_.read_some({raw_.data() + old, kReadSize}, deadline, std::move(stop));
  raw_.resize(old + (count ? *count : 0));
  if (!count) return count.error();
  if (*count != 0) has_begun_ = true;
  return *count != 0;
}

base::Result<void> Answer::read_head(base::Monotonic deadline, std::stop_token stop) {
  for (;;) {
    std::size_t none = 0;
    if (!raw_.empty()) {
      if (const auto failure = parser_->feed(raw_, {}, none)) return broken(failure.message());
    }
    if (parser_->is_header_done()) {
      const bool is_interim = parser_->status / 100 == 1 && parser_->status != 101;
      if (!is_interim) return base::ok();
      parser_ = std::make_unique<ResponseParser>(is_head_);
      continue;
    }
    auto filled = fill(deadline, stop);
    if (!filled) return filled.error();
    if (!*filled) return broken("connection closed before the end of the header");
  }
}

base::Result<std::size_t> Answer::read_some(std::span<char> into, base::Monotonic deadline, std::stop_token stop) {
  while (!parser_->is_done()) {
    std::size_t written = 0;
    if (const auto failure = parser_->feed(raw_, into, written)) return broken(failure.message());
    if (written != 0) return written;
    if (parser_->is_done()) break;
    auto filled = fill(deadline, stop);
    if (!filled) return filled.error();
    if (*filled) continue;
    error_code failure;
    parser_->put_eof(failure);
    if (failure) return broken("cut short");
  }
  return std::size_t{0};
}

}  // namespace cadence::net
