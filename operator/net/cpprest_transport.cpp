// Unary calls through cpprestsdk, with the guards its measured hazards ask for (README, "Why two libraries").
#include "net/asio.hpp"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "base/clock.hpp"
#include "net/tls_context.hpp"
#include "net/transport.hpp"
#include "net/wire.hpp"

namespace cadence::net {

namespace {

namespace client = web::http::client;
using base::Error;
using base::ErrorKind;

constexpr std::chrono::minutes kMaximumAge{5};

// cpprest cannot resolve an address literal in brackets (measured); the in-cluster name reaches the same server.
base::Result<std::string> base_uri(const Origin& origin) {
  if (origin.host.find(':') != std::string::npos) {
    return Error{ErrorKind::Invalid, "Could not connect to " + host_header(origin) +
                                         ": IPv6 literals are not supported here, use a DNS name"};
  }
  return std::string(origin.tls ? "https://" : "http://") + origin.host + ":" + std::to_string(origin.port);
}

// The idle timer must not end before the caller's deadline does: that one is kept by the token.
client::http_client_config configure(const Origin& origin, std::chrono::milliseconds idle) {
  client::http_client_config config;
  config.set_timeout(idle);
  config.set_max_redirects(0);  // the default follows 10, with all headers: the bearer token would go to another origin
  if (!origin.tls) return config;
  config.set_validate_certificates(origin.tls->is_verified);
  config.set_ssl_context_callback([tls = *origin.tls](boost::asio::ssl::context& context) {
    // Replaces the store that holds the machine's CA bundle.
    if (const auto ready = set_up_client(context.native_handle(), tls); !ready)
      throw std::runtime_error(ready.error().message);
  });
  return config;
}

// A call's result, waited for with a deadline and a stop; shared with the task's continuation, which may come later.
struct Outcome {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::optional<base::Result<Response>> result;
};

Response to_value(web::http::http_response& answer, std::vector<unsigned char> body) {
  Response out;
  out.status = answer.status_code();
  for (const auto& [name, value] : answer.headers()) out.headers.push_back({name, value});
  out.body.assign(body.begin(), body.end());
  return out;
}

class CpprestTransport final : public Transport {
 public:
  explicit CpprestTransport(OriginSource origin) : origin_(std::move(origin)) {}

  base::Result<Response> send(const Request& request, std::chrono::milliseconds deadline,
                              std::stop_token stop) override {
    if (const auto checked = check_request(request); !checked) return checked.error();
    const auto until = std::chrono::steady_clock::now() + deadline;
    try {
      auto current = current_client();
      if (!current) return current.error();
      auto answer = call(**current, request, until, std::move(stop));
      if (!answer) discard(*current);
      return answer;
    } catch (const std::exception& thrown) {
      return Error{ErrorKind::Transient, std::string("Could not send a request: ") + thrown.what()};
    }
  }

 private:
  struct Client {
    Client(Origin where, const std::string& uri)
        : origin(std::move(where)), http(uri, configure(origin, std::chrono::seconds(60))) {}
    Origin origin;
    client::http_client http;
    base::Monotonic born = std::chrono::steady_clock::now();
  };

  base::Result<std::shared_ptr<Client>> current_client() {
    const std::lock_guard lock(mutex_);
    if (client_ && std::chrono::steady_clock::now() - client_->born < kMaximumAge) return client_;
    auto origin = origin_();
    if (!origin) return origin.error();
    const auto uri = base_uri(*origin);
    if (!uri) return uri.error();
    client_ = std::make_shared<Client>(std::move(origin).value(), *uri);
    return client_;
  }

  // After a transport error a client is reported never to recover (cpprestsdk issues 660, 1225, 1360).
  void discard(const std::shared_ptr<Client>& broken) {
    const std::lock_guard lock(mutex_);
    if (client_ == broken) client_ = nullptr;
  }

  static web::http::http_request to_cpprest(const Client& with, const Request& request) {
    web::http::http_request out(request.method);
    // The target is ours and encoded already: cpprest takes a valid URI as it is.
    out.set_request_uri(web::uri(request.target));
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
      out.set_body(request.body);
    for (const auto& header : request.headers) out.headers()[header.name] = header.value;
    // cpprest takes the name to verify and to send as SNI from this header.
    if (with.origin.tls && !with.origin.tls->server_name.empty()) out.headers()["Host"] = with.origin.tls->server_name;
    return out;
  }

  static base::Result<Response> call(Client& with, const Request& request, base::Monotonic until,
                                     std::stop_token stop) {
    const auto outcome = std::make_shared<Outcome>();
    pplx::cancellation_token_source cancel;
    const auto message = to_cpprest(with, request);
    const std::string where = host_header(with.origin);
    with.http.request(message, cancel.get_token())
        .then([token = cancel.get_token()](web::http::http_response answer) {
          return answer.extract_vector().then(
              [answer](std::vector<unsigned char> body) mutable { return to_value(answer, std::move(body)); });
        })
        // A task-based continuation always runs and looks at every failure: an unobserved one ends the process.
        .then([outcome, where](pplx::task<Response> done) { settle(*outcome, done, where); });
    std::unique_lock lock(outcome->mutex);
    if (outcome->changed.wait_until(lock, stop, until, [&] { return outcome->result.has_value(); }))
      return std::move(*outcome->result);
    lock.unlock();
    cancel.cancel();  // closes the socket at once
    if (stop.stop_requested()) return Error{ErrorKind::Canceled, "Could not ask " + where + ": stopped"};
    return Error{ErrorKind::Transient, "Could not ask " + where + ": timed out"};
  }

  static void settle(Outcome& outcome, const pplx::task<Response>& done, const std::string& where) {
    base::Result<Response> result = Error{};
    try {
      result = done.get();
    } catch (const web::http::http_exception& thrown) {
      // By code, never by text: a cut answer and a time-out have the same text.
      result = Error{ErrorKind::Transient, "Could not ask " + where + ": " + thrown.error_code().message()};
    } catch (const std::exception& thrown) {
      result = Error{ErrorKind::Transient, "Could not ask " + where + ": " + thrown.what()};
    } catch (...) {
      result = Error{ErrorKind::Bug, "Could not ask " + where + ": unknown failure"};
    }
    const std::lock_guard lock(outcome.mutex);
    outcome.result = std::move(result);
    outcome.changed.notify_all();
  }

  OriginSource origin_;
  std::mutex mutex_;
  std::shared_ptr<Client> client_;
};

}  // namespace

std::unique_ptr<Transport> make_cpprest_transport(OriginSource origin) {
  return std::make_unique<CpprestTransport>(std::move(origin));
}

void set_up_cpprest(int threads) {
  std::signal(SIGPIPE, SIG_IGN);
  static std::once_flag once;
  std::call_once(once,
                 [threads] { crossplat::threadpool::initialize_with_threads(static_cast<std::size_t>(threads)); });
}

}  // namespace cadence::net
