#include "net/wire.hpp"

#include <boost/beast/http/status.hpp>
#include <cstdio>

#include "base/text.hpp"

namespace cadence::net {

bool is_token(std::string_view text) {
  static constexpr std::string_view kSymbols = "!#$%&'*+-.^_`|~";
  if (text.empty()) return false;
  for (const char c : text) {
    const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_alphanumeric && kSymbols.find(c) == std::string_view::npos) return false;
  }
  return true;
}

namespace {

bool is_field_value(std::string_view text) {
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0') return false;
  }
  return true;
}

bool is_target(std::string_view text) {
  if (text.empty() || text[0] != '/') return false;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '#') return false;
  }
  return true;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

base::Result<void> check_request(const Request& request) {
  const auto refuse = [](std::string what) {
    return base::Error{base::ErrorKind::Invalid, "Could not send a request: " + what};
  };
  if (!is_token(request.method)) return refuse("the method is not a token");
  if (!is_target(request.target))
    return refuse("the target must start with / and hold neither spaces nor control characters");
  for (const auto& header : request.headers) {
    if (!is_token(header.name)) return refuse("a header name is not a token");
    if (!is_field_value(header.value)) return refuse("header " + header.name + " holds a line break");
  }
  return base::ok();
}

std::string host_header(const Origin& origin) {
  std::string out = origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
  if (origin.port != (origin.tls ? 443 : 80)) out += ":" + std::to_string(origin.port);
  return out;
}

base::Result<std::string> write_request(const Request& request, const Origin& origin) {
  if (const auto checked = check_request(request); !checked) return checked.error();
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (find_header(request.headers, "Host").empty()) append_header(out, "Host", host_header(origin));
  for (const auto& header : request.headers) {
    if (base::equals_ignoring_case(header.name, "Content-Length")) continue;
    append_header(out, header.name, header.value);
  }
  const bool takes_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (takes_body || !request.body.empty()) append_header(out, "Content-Length", std::to_string(request.body.size()));
  out += "\r\n";
  out += request.body;
  return out;
}

namespace {

// Status line and headers. Framing is ours; a value that would break it is the caller's bug and is dropped rather than
// sent.
std::string begin_response(const Response& response) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " ";
  const auto reason =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  out.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& header : response.headers) {
    if (base::equals_ignoring_case(header.name, "Content-Length") ||
        base::equals_ignoring_case(header.name, "Transfer-Encoding") ||
        base::equals_ignoring_case(header.name, "Connection") || !is_token(header.name) ||
        !is_field_value(header.value)) {
      continue;
    }
    append_header(out, header.name, header.value);
  }
  return out;
}

}  // namespace

std::string write_response(const Response& response, bool is_head, Persistence persistence) {
  std::string out = begin_response(response);
  const bool has_body = response.status >= 200 && response.status != 204 && response.status != 304;
  if (has_body) append_header(out, "Content-Length", std::to_string(response.body.size()));
  if (persistence == Persistence::Close) append_header(out, "Connection", "close");
  if (persistence == Persistence::KeepAliveHttp10) append_header(out, "Connection", "keep-alive");
  out += "\r\n";
  if (has_body && !is_head) out += response.body;
  return out;
}

std::string write_stream_head(const Response& head, bool is_http10) {
  std::string out = begin_response(head);
  if (!is_http10) append_header(out, "Transfer-Encoding", "chunked");
  append_header(out, "Connection", "close");
  return out + "\r\n";
}

std::string write_chunk(const std::string& piece, bool is_http10) {
  if (is_http10 || piece.empty()) return piece;  // an empty chunk would be the last one
  char size[24];
  std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  return size + piece + "\r\n";
}

}  // namespace cadence::net
