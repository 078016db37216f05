#include "net/answer.hpp"
#include "net/transport.hpp"
#include "net/wire.hpp"

namespace cadence::net {

namespace {

class BeastStream final : public ByteStream {
 public:
  BeastStream(std::unique_ptr<ClientConnection> connection, std::unique_ptr<Answer> answer)
      : connection_(std::move(connection)), answer_(std::move(answer)) {}
  [[nodiscard]] int status() const override { return answer_->status(); }
  [[nodiscard]] const std::vector<Header>& headers() const override { return answer_->headers(); }
  base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds idle,
                                      std::stop_token stop) override {
    return answer_->read_some(into, std::chrono::steady_clock::now() + idle, std::move(stop));
  }

 private:
  std::unique_ptr<ClientConnection> connection_;
  std::unique_ptr<Answer> answer_;
};

// One stream, one connection: streams and unary calls must not starve each other.
class BeastStreamOpener final : public StreamOpener {
 public:
  explicit BeastStreamOpener(OriginSource origin) : origin_(std::move(origin)) {}

  base::Result<std::unique_ptr<ByteStream>> open(const Request& request, std::chrono::milliseconds deadline,
                                                 std::stop_token stop) override {
    const auto until = std::chrono::steady_clock::now() + deadline;
    const auto origin = origin_();
    if (!origin) return origin.error();
    const auto bytes = write_request(request, *origin);
    if (!bytes) return bytes.error();
    auto connection = ClientConnection::open(*origin, until, stop);
    if (!connection) return connection.error();
    if (auto written = (*connection)->write(*bytes, until, stop); !written) return written.error();
    auto answer = std::make_unique<Answer>(**connection, request.method == "HEAD");
    if (auto read = answer->read_head(until, stop); !read) return read.error();
    return std::unique_ptr<ByteStream>(std::make_unique<BeastStream>(std::move(connection).value(), std::move(answer)));
  }

 private:
  OriginSource origin_;
};

}  // namespace

std::unique_ptr<StreamOpener> make_beast_stream_opener(OriginSource origin) {
  return std::make_unique<BeastStreamOpener>(std::move(origin));
}

}  // namespace cadence::net
