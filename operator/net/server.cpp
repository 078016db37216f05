#include "net/server.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "net/server_connection.hpp"
#include "net/tls_context.hpp"

namespace cadence::net {

struct Responder::State {
  std::function<void(Response)> send;
  Begin begin;
  std::atomic<bool> is_used{false};
  ~State() {
    if (!is_used.exchange(true)) send(text_response(500, "Internal error\n"));
  }
};

Responder::Responder(std::function<void(Response)> send, Begin begin) : state_(std::make_shared<State>()) {
  state_->send = std::move(send);
  state_->begin = std::move(begin);
}

void Responder::operator()(Response response) const {
  if (!state_->is_used.exchange(true)) state_->send(std::move(response));
}

Stream Responder::begin(Response head, std::function<void()> on_gone) const {
  if (!state_->begin || state_->is_used.exchange(true)) return Stream();
  return state_->begin(std::move(head), std::move(on_gone));
}

Responder Responder::with(std::function<Response(Response)> turn) const {
  return Responder([inner = *this, turn](Response response) { inner(turn(std::move(response))); },
                   [inner = *this, turn](Response head, std::function<void()> on_gone) {
                     return inner.begin(turn(std::move(head)), std::move(on_gone));
                   });
}

namespace {

using TlsContext = std::shared_ptr<asio::ssl::context>;

base::Result<TlsContext> make_tls(const ServerTls& tls) {
  auto made = make_server_context(tls);
  if (!made) return made.error();
  return std::make_shared<asio::ssl::context>(std::move(made).value().release());
}

// The live connections, counted and reachable; outlives the server while a connection does.
class Registry {
 public:
  void add(const std::shared_ptr<ServerConnection>& connection) {
    const std::lock_guard lock(mutex_);
    live_[connection.get()] = connection;
  }
  void remove(ServerConnection* connection) {
    const std::lock_guard lock(mutex_);
    live_.erase(connection);
    changed_.notify_all();
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return live_.size();
  }
  std::vector<std::shared_ptr<ServerConnection>> all() const {
    std::vector<std::shared_ptr<ServerConnection>> out;
    const std::lock_guard lock(mutex_);
    for (const auto& [address, weak] : live_) {
      if (auto one = weak.lock()) out.push_back(std::move(one));
    }
    return out;
  }
  bool wait_until_empty(base::Monotonic deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [&] { return live_.empty(); });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<ServerConnection*, std::weak_ptr<ServerConnection>> live_;
};

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, HeadHandler handler, TlsContext tls)
      : core_(make_core(std::move(options), std::move(handler))), tls_(std::move(tls)) {
    for (const auto& context : core_->contexts) work_.emplace_back(context->get_executor());
  }

  ~BeastServer() override {
    stop_accepting();
    for (const auto& one : registry_->all()) one->stop();
    work_.clear();
    for (auto& thread : threads_) thread.join();
  }

  error_code listen() {
    error_code failure;
    const auto address = asio::ip::make_address(core_->options.address, failure);
    if (failure) return failure;
    const tcp::endpoint endpoint(address, core_->options.port);
    acceptor_.open(endpoint.protocol(), failure);
    if (!failure) acceptor_.set_option(asio::socket_base::reuse_address(true), failure);
    if (!failure) acceptor_.bind(endpoint, failure);
    if (!failure) acceptor_.listen(1024, failure);
    if (!failure) port_ = acceptor_.local_endpoint(failure).port();
    return failure;
  }

  void run() {
    asio::post(acceptor_.get_executor(), [this] { accept(); });
    for (const auto& context : core_->contexts) threads_.emplace_back([&context = *context] { context.run(); });
  }

  [[nodiscard]] std::uint16_t port() const override { return port_; }
  [[nodiscard]] std::size_t connections() const override { return registry_->size(); }

  void drain(std::chrono::milliseconds deadline) override {
    const auto until = std::chrono::steady_clock::now() + deadline;
    core_->is_draining = true;
    stop_accepting();
    for (const auto& one : registry_->all()) one->drain();
    if (registry_->wait_until_empty(until)) return;
    for (const auto& one : registry_->all()) one->stop();
  }

  void renew_tls(ServerTls tls) override {
    auto made = make_tls(tls);
    if (!made) {
      // The old certificate keeps serving; a broken new one must not take the server down.
      base::log_error("Could not renew the server certificate", {{"error", made.error().message}});
      return;
    }
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(made).value();
  }

 private:
  static std::shared_ptr<ServerCore> make_core(ServerOptions options, HeadHandler handler) {
    constexpr int kOneThread = 1;
    auto core = std::make_shared<ServerCore>();
    for (int i = 0; i < std::max(1, options.threads); ++i)
      core->contexts.push_back(std::make_unique<asio::io_context>(kOneThread));
    core->options = std::move(options);
    core->handler = std::move(handler);
    return core;
  }

  void stop_accepting() {
    core_->is_draining = true;
    std::unique_lock lock(accept_mutex_);
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
      retry_.cancel();
      const std::lock_guard done(accept_mutex_);
      is_closed_ = true;
      accept_changed_.notify_all();
    });
    accept_changed_.wait(lock, [this] { return is_closed_; });
  }

  void accept() {
    auto& next = *core_->contexts[turn_++ % core_->contexts.size()];
    acceptor_.async_accept(next, [this](error_code failure, tcp::socket socket) {
      if (core_->is_draining || failure == asio::error::operation_aborted) return;
      if (failure) {
        // Out of descriptors, mostly: the same error would come again at once.
        retry_.expires_after(std::chrono::milliseconds(100));
        retry_.async_wait([this](error_code canceled) {
          if (!canceled && !core_->is_draining) accept();
        });
        return;
      }
      if (registry_->size() < core_->options.max_connections) admit(std::move(socket));
      accept();
    });
  }

  void admit(tcp::socket socket) {
    TlsContext tls;
    {
      const std::lock_guard lock(tls_mutex_);
      tls = tls_;
    }
    const auto thread = socket.get_executor();
    const auto connection =
        std::make_shared<ServerConnection>(core_, std::move(socket), std::move(tls),
                                           [registry = registry_](ServerConnection* gone) { registry->remove(gone); });
    registry_->add(connection);
    asio::post(thread, [connection] { connection->start(); });
  }

  std::shared_ptr<ServerCore> core_;
  std::shared_ptr<Registry> registry_ = std::make_shared<Registry>();
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  tcp::acceptor acceptor_{*core_->contexts.front()};
  asio::steady_timer retry_{acceptor_.get_executor()};
  std::mutex tls_mutex_, accept_mutex_;
  std::condition_variable accept_changed_;
  TlsContext tls_;
  bool is_closed_ = false;
  std::size_t turn_ = 0;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

class CollectingSink final : public RequestSink {
 public:
  using Answer = std::function<Response(const RequestHead&, std::string)>;
  CollectingSink(RequestHead head, std::shared_ptr<const Answer> answer)
      : head_(std::move(head)), answer_(std::move(answer)) {}
  void on_body(std::string_view piece) override { body_ += piece; }
  void on_complete(Responder respond) override { respond((*answer_)(head_, std::move(body_))); }

 private:
  RequestHead head_;
  std::shared_ptr<const Answer> answer_;
  std::string body_;
};

}  // namespace

base::Result<std::unique_ptr<Server>> start_server(ServerOptions options, HeadHandler handler) {
  const std::string where = options.address + ":" + std::to_string(options.port);
  TlsContext tls;
  if (options.tls) {
    auto made = make_tls(*options.tls);
    if (!made) return made.error();
    tls = std::move(made).value();
  }
  try {
    auto server = std::make_unique<BeastServer>(std::move(options), std::move(handler), std::move(tls));
    const auto failure = server->listen();
    server->run();  // also after a failure: the destructor waits for the threads
    if (failure)
      return base::Error{base::ErrorKind::Transient, "Could not listen on " + where + ": " + failure.message()};
    return std::unique_ptr<Server>(std::move(server));
  } catch (const std::exception& thrown) {
    return base::Error{base::ErrorKind::Transient, "Could not start the server on " + where + ": " + thrown.what()};
  }
}

HeadHandler simple_handler(std::function<Response(const RequestHead&, std::string body)> answer,
                           std::uint64_t body_limit) {
  return [shared = std::make_shared<const CollectingSink::Answer>(std::move(answer)),
          body_limit](const RequestHead& head) -> std::variant<Response, Accept> {
    return Accept{std::make_unique<CollectingSink>(head, shared), body_limit};
  };
}

}  // namespace cadence::net
