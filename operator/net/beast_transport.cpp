#include <mutex>

#include "net/answer.hpp"
#include "net/transport.hpp"
#include "net/wire.hpp"

namespace cadence::net {

namespace {

using base::Monotonic;

constexpr std::size_t kIdleConnections = 4;
constexpr std::chrono::seconds kIdleTime{30};   // below the idle time-outs of the servers we talk to
constexpr std::chrono::minutes kMaximumAge{5};  // rotated certificates and moved addresses are picked up

// Repeating these changes nothing more than sending them once (RFC 9110 §9.2.2).
bool is_idempotent(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

base::Result<Response> read_whole(Answer& answer, std::size_t largest, Monotonic deadline,
                                  const std::stop_token& stop) {
  if (auto read = answer.read_head(deadline, stop); !read) return read.error();
  Response out{answer.status(), answer.headers(), {}};
  char piece[16 * 1024];
  for (;;) {
    auto count = answer.read_some(piece, deadline, stop);
    if (!count) return count.error();
    if (*count == 0) return out;
    if (out.body.size() + *count > largest)
      return base::Error{base::ErrorKind::Invalid,
                         "Could not read an answer: larger than " + std::to_string(largest) + " bytes"};
    out.body.append(piece, *count);
  }
}

class BeastTransport final : public Transport {
 public:
  BeastTransport(OriginSource origin, std::size_t largest) : origin_(std::move(origin)), largest_(largest) {}

  base::Result<Response> send(const Request& request, std::chrono::milliseconds deadline,
                              std::stop_token stop) override {
    const auto until = std::chrono::steady_clock::now() + deadline;
    if (auto connection = take_idle()) {
      bool is_unanswered = false;
      auto answer = exchange(std::move(connection), request, until, stop, is_unanswered);
      // The server may have closed the kept connection while the request was on its way.
      const bool is_repeatable = !answer && answer.error().kind == base::ErrorKind::Transient && is_unanswered &&
                                 is_idempotent(request.method) && std::chrono::steady_clock::now() < until;
      if (!is_repeatable) return answer;
    }
    const auto origin = origin_();
    if (!origin) return origin.error();
    auto connection = ClientConnection::open(*origin, until, stop);
    if (!connection) return connection.error();
    bool ignored = false;
    return exchange(std::move(connection).value(), request, until, stop, ignored);
  }

 private:
  struct Idle {
    std::unique_ptr<ClientConnection> connection;
    Monotonic since;
  };

  std::unique_ptr<ClientConnection> take_idle() {
    const auto now = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    while (!idle_.empty()) {
      auto last = std::move(idle_.back());
      idle_.pop_back();
      const bool is_fresh = now - last.since < kIdleTime && now - last.connection->opened_at() < kMaximumAge;
      if (is_fresh && !last.connection->is_stale()) return std::move(last.connection);
    }
    return nullptr;
  }

  base::Result<Response> exchange(std::unique_ptr<ClientConnection> connection, const Request& request, Monotonic until,
                                  const std::stop_token& stop, bool& is_unanswered) {
    const auto bytes = write_request(request, connection->origin());
    if (!bytes) return bytes.error();
    is_unanswered = true;
    if (auto written = connection->write(*bytes, until, stop); !written) return written.error();
    Answer answer(*connection, request.method == "HEAD");
    auto response = read_whole(answer, largest_, until, stop);
    is_unanswered = !answer.has_begun();
    if (response && answer.is_reusable()) keep(std::move(connection));
    return response;
  }

  void keep(std::unique_ptr<ClientConnection> connection) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleConnections) idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
  }

  OriginSource origin_;
  std::size_t largest_;
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

}  // namespace

std::unique_ptr<Transport> make_beast_transport(OriginSource origin, std::size_t largest) {
  return std::make_unique<BeastTransport>(std::move(origin), largest);
}

}  // namespace cadence::net
