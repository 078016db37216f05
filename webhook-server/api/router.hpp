// From method and path to a handler: paths match without case and with one trailing slash, HEAD is answered on every
// GET route, unknown paths are 404, known paths with another method 405 with Allow. Every request is measured under its
// route's name.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "api/measures.hpp"
#include "net/server.hpp"

namespace cadence::api {

using Reaction = std::variant<net::Response, net::Accept>;
// `parameter` is the part of the path that stood for ":id", decoded; empty when there is none.
using Handler = std::function<Reaction(const net::RequestHead& head, const std::string& parameter)>;

class Router {
 public:
  explicit Router(Measures& measures) : measures_(measures) {}
  void add(std::string method, std::string pattern, Handler handler);  // "/jobs/:id"
  // Errors are problem details (problems.hpp) for whoever asks for those.
  Reaction route(const net::RequestHead& head) const;
  // Method and pattern of each, in the order in which they were added.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> routes() const;

 private:
  struct Route {
    std::string method, pattern;
    std::vector<std::string> parts;
    Handler handler;
  };
  Reaction matched(const net::RequestHead& head) const;
  Reaction measured(const Route& route, const net::RequestHead& head, const std::string& parameter) const;

  Measures& measures_;
  std::vector<Route> routes_;
};

// The same reaction, whose answer takes a turn first.
Reaction turned(Reaction reaction, std::function<net::Response(net::Response)> turn);

// A reaction that waits for the (small) body and then calls `answer` with the means to respond from any thread.
Reaction after_body(std::function<void(net::Responder)> answer);

}  // namespace cadence::api
