#include "api/problems.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "json/members.hpp"

namespace cadence::api {
namespace {

constexpr std::string_view kProblem = "application/problem+json";

// "q=0" refuses a type (RFC 9110 §12.4.2).
bool is_refused(const std::vector<std::string>& parts) {
  return std::any_of(parts.begin() + 1, parts.end(), [](const std::string& part) {
    const auto weight = base::trim(part);
    return weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos;
  });
}

}  // namespace

bool wants_problems(const net::RequestHead& head) {
  for (const auto& range : base::split(net::find_header(head.headers, "Accept"), ',')) {
    const auto parts = base::split(range, ';');
    if (base::equals_ignoring_case(base::trim(parts.front()), kProblem)) return !is_refused(parts);
  }
  return false;
}

net::Response as_problem(net::Response response) {
  if (response.status < 400 || net::find_header(response.headers, "Content-Type") != "application/json")
    return response;
  auto body = json::parse(response.body);
  if (!body || json::text_in(*body, "error").empty()) return response;
  const auto code = json::text_in(*body, "code"), detail = json::text_in(*body, "message");
  (*body)["type"] = code.empty() ? "about:blank" : "urn:cadence:problem:" + code;
  (*body)["title"] = json::text_in(*body, "error");
  (*body)["status"] = response.status;
  if (!detail.empty()) (*body)["detail"] = detail;
  response.body = json::dump(*body);
  for (auto& header : response.headers)
    if (base::equals_ignoring_case(header.name, "Content-Type")) header.value = kProblem;
  return response;
}

}  // namespace cadence::api
