#include "api/cors.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::api {

std::optional<std::string> Cors::reader_of(const net::RequestHead& head) const {
  const std::string origin(net::find_header(head.headers, "Origin"));
  const auto path = base::to_lower(net::path_of(head.target));
  if (origin.empty() || path == "/pages" || path.starts_with("/pages/")) return std::nullopt;
  for (const auto& one : origins_) {
    if (one == "*") return one;
    if (base::equals_ignoring_case(one, origin)) return origin;
  }
  return std::nullopt;
}

std::optional<net::Response> Cors::preflight(const net::RequestHead& head) const {
  if (head.method != "OPTIONS" || net::find_header(head.headers, "Access-Control-Request-Method").empty())
    return std::nullopt;
  const auto origin = reader_of(head);
  if (!origin) return std::nullopt;
  net::Response response{204, {{"Access-Control-Allow-Methods", "GET,POST,PUT,DELETE,OPTIONS"}}, ""};
  if (const auto wanted = net::find_header(head.headers, "Access-Control-Request-Headers"); !wanted.empty())
    response.headers.push_back({"Access-Control-Allow-Headers", std::string(wanted)});
  response.headers.push_back({"Vary", "Access-Control-Request-Method, Access-Control-Request-Headers"});
  return readable(std::move(response), *origin);
}

net::Response Cors::readable(net::Response response, const std::string& origin) {
  response.headers.push_back({"Access-Control-Allow-Origin", origin});
  response.headers.push_back({"Access-Control-Expose-Headers", "X-Job-ID, Retry-After"});
  response.headers.push_back({"Vary", "Origin"});
  return response;
}

}  // namespace cadence::api
