#include "api/router.hpp"

#include <optional>

#include "api/problems.hpp"
#include "base/text.hpp"
#include "ingest/answers.hpp"

namespace cadence::api {

namespace {

using base::Monotonic;

// "/Jobs/a/" is {"jobs", "a"}; only the fixed parts are compared without case.
std::vector<std::string> parts_of(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path.starts_with('/')) path.remove_prefix(1);
  return base::split(path, '/');
}

std::optional<std::string> match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::string parameter;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].starts_with(':')) {
      if (path[i].empty()) return std::nullopt;
      parameter = net::percent_decode(path[i]);
    } else if (!base::equals_ignoring_case(pattern[i], path[i])) {
      return std::nullopt;
    }
  }
  return parameter;
}

// Gives every answer a last turn.
class AnswerSink final : public net::RequestSink {
 public:
  using Turn = std::function<net::Response(net::Response)>;
  AnswerSink(std::unique_ptr<net::RequestSink> inner, Turn turn) : inner_(std::move(inner)), turn_(std::move(turn)) {}
  void on_body(std::string_view piece) override { inner_->on_body(piece); }
  void on_complete(net::Responder respond) override { inner_->on_complete(respond.with(turn_)); }

 private:
  std::unique_ptr<net::RequestSink> inner_;
  Turn turn_;
};

class WaitingSink final : public net::RequestSink {
 public:
  explicit WaitingSink(std::function<void(net::Responder)> answer) : answer_(std::move(answer)) {}
  void on_body(std::string_view) override {}
  void on_complete(net::Responder respond) override { answer_(std::move(respond)); }

 private:
  std::function<void(net::Responder)> answer_;
};

// Clients choose the method, so only known ones become label values.
std::string method_label(const std::string& method) {
  for (const char* known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    if (method == known) return method;
  return "other";
}

}  // namespace

Reaction turned(Reaction reaction, std::function<net::Response(net::Response)> turn) {
  if (auto* response = std::get_if<net::Response>(&reaction)) return turn(std::move(*response));
  auto& accept = std::get<net::Accept>(reaction);
  if (accept.too_large) accept.too_large = turn(std::move(*accept.too_large));
  accept.sink = std::make_unique<AnswerSink>(std::move(accept.sink), std::move(turn));
  return reaction;
}

Reaction after_body(std::function<void(net::Responder)> answer) {
  return net::Accept{std::make_unique<WaitingSink>(std::move(answer)), 64 * 1024};
}

void Router::add(std::string method, std::string pattern, Handler handler) {
  auto parts = parts_of(pattern);
  routes_.push_back({std::move(method), std::move(pattern), std::move(parts), std::move(handler)});
}

std::vector<std::pair<std::string, std::string>> Router::routes() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& route : routes_) all.emplace_back(route.method, route.pattern);
  return all;
}

Reaction Router::route(const net::RequestHead& head) const {
  auto reaction = matched(head);
  return wants_problems(head) ? turned(std::move(reaction), as_problem) : std::move(reaction);
}

Reaction Router::matched(const net::RequestHead& head) const {
  const auto path = parts_of(net::path_of(head.target));
  const std::string method = head.method == "HEAD" ? "GET" : head.method;
  std::string allowed;
  for (const auto& route : routes_) {
    const auto parameter = match(route.parts, path);
    if (!parameter) continue;
    if (route.method == method) return measured(route, head, *parameter);
    allowed += (allowed.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
  }
  const int status = allowed.empty() ? 404 : 405;
  measures_.count_request(status == 404 ? "unknown" : "wrong method", method_label(head.method), status, {});
  auto response = status == 404
                      ? ingest::error_response(404, "not found", "not_found", "there is nothing at this path")
                      : ingest::error_response(405, "method not allowed", "method_not_allowed", "allowed: " + allowed);
  if (status == 405) response.headers.push_back({"Allow", allowed});
  return response;
}

Reaction Router::measured(const Route& route, const net::RequestHead& head, const std::string& parameter) const {
  const auto measure = [this, name = route.pattern, method = method_label(head.method),
                        begun = base::system_clock().monotonic()](int status) {
    measures_.count_request(name, method, status, base::system_clock().monotonic() - begun);
  };
  auto reaction = route.handler(head, parameter);
  if (auto* response = std::get_if<net::Response>(&reaction)) {
    measure(response->status);
    return reaction;
  }
  auto& accept = std::get<net::Accept>(reaction);
  accept.too_large = ingest::too_large_response(accept.body_limit);
  accept.sink = std::make_unique<AnswerSink>(std::move(accept.sink), [measure](net::Response response) {
    measure(response.status);
    return response;
  });
  return reaction;
}

}  // namespace cadence::api
