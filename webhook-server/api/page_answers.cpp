#include "api/page_answers.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::api {
namespace {

using net::RequestHead;
using net::Response;

constexpr std::string_view kFolder = "/pages";

bool is_over_tls(const RequestHead& head) {
  return base::equals_ignoring_case(net::find_header(head.headers, "X-Forwarded-Proto"), "https");
}

std::string_view cookie_name(const RequestHead& head) { return is_over_tls(head) ? "__Host-cadence" : "cadence"; }

std::string tag_of(std::string_view content) { return '"' + base::to_hex(net::sha256(content)).substr(0, 32) + '"'; }

Response html_response(int status, std::string html, const char* policy, const char* referrers) {
  return {status,
          {{"Content-Type", "text/html; charset=utf-8"},
           {"Content-Security-Policy", policy},
           {"Referrer-Policy", referrers},
           {"Cross-Origin-Opener-Policy", "same-origin"},
           {"X-Content-Type-Options", "nosniff"},
           {"Cache-Control", "no-store"}},
          std::move(html)};
}

constexpr const char* kPagePolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

// The page's own policy says which style and script; this one takes away everything else, its origin included.
constexpr const char* kReportPolicy =
    "sandbox allow-scripts; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

Response unless_known(const RequestHead& asked, Response response) {
  const auto tag = tag_of(response.body);
  response.headers.push_back({"ETag", tag});
  if (net::find_header(asked.headers, "If-None-Match") != tag) return response;
  response.status = 304;
  response.body.clear();
  return response;
}

}  // namespace

std::string way_up(std::string_view target) {
  const auto path = net::path_of(target);
  if (path.size() <= kFolder.size()) return "pages/";
  std::string up;
  for (const char c : path.substr(kFolder.size() + 1))
    if (c == '/') up += "../";
  return up;
}

std::string place_of(std::string_view target) {
  return std::string(target.substr(std::min(target.size(), kFolder.size() + 1)));
}

bool is_place(std::string_view text) {
  const auto is_fit = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("/?=&%._~-").find(static_cast<char>(c)) != std::string_view::npos;
  };
  return text.size() <= 1024 && std::all_of(text.begin(), text.end(), is_fit) && !text.starts_with('/') &&
         text.find("..") == std::string_view::npos;
}

bool is_job_id(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

bool comes_from_here(const RequestHead& head) {
  const auto site = net::find_header(head.headers, "Sec-Fetch-Site");
  if (!site.empty()) return site == "same-origin";
  auto origin = net::find_header(head.headers, "Origin");
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto host = net::find_header(head.headers, "Host");
  return !host.empty() && base::equals_ignoring_case(origin.substr(scheme + 3), host);
}

std::string session_in(const RequestHead& head) {
  const auto name = std::string(cookie_name(head)) + "=";
  for (const auto& part : base::split(net::find_header(head.headers, "Cookie"), ';'))
    if (const auto cookie = base::trim(part); cookie.starts_with(name)) return std::string(cookie.substr(name.size()));
  return {};
}

std::string session_cookie(const RequestHead& head, std::string_view session, std::chrono::seconds lasts) {
  return std::string(cookie_name(head)) + "=" + std::string(session) +
         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(lasts.count()) +
         (is_over_tls(head) ? "; Secure" : "");
}

Response page_response(int status, std::string html, const RequestHead* asked) {
  auto response = html_response(status, std::move(html), kPagePolicy, "no-referrer");
  return asked == nullptr ? response : unless_known(*asked, std::move(response));
}

Response form_response(int status, std::string html) {
  return html_response(status, std::move(html), kPagePolicy, "same-origin");
}

Response report_response(std::string html) { return html_response(200, std::move(html), kReportPolicy, "no-referrer"); }

Response file_response(const RequestHead& head, const char* type, const std::string& content) {
  return unless_known(
      head,
      {200, {{"Content-Type", type}, {"X-Content-Type-Options", "nosniff"}, {"Cache-Control", "no-cache"}}, content});
}

Response redirect(std::string where) {
  return {303, {{"Location", std::move(where)}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}}, ""};
}

}  // namespace cadence::api
