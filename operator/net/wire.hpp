// HTTP/1.1 messages as bytes on the wire (RFC 9112). Pure. Promises: a line break in a method, target or header is
// refused, so no caller's value can become a second header or request.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace cadence::net {

bool is_token(std::string_view text);  // RFC 9110 §5.6.2: a method, or the name of a header
base::Result<void> check_request(const Request& request);
std::string host_header(const Origin& origin);  // "[::1]:6443"; the scheme's default port is left out
base::Result<std::string> write_request(const Request& request, const Origin& origin);

enum class Persistence { KeepAlive, KeepAliveHttp10, Close };
// For HEAD the length is told and the body left out; 204 and 304 have neither.
std::string write_response(const Response& response, bool is_head, Persistence persistence);
// The head of an answer whose body comes in chunks (RFC 9112 §7.1), after which the connection ends; with HTTP/1.0 its
// end is the body's.
std::string write_stream_head(const Response& head, bool is_http10);
std::string write_chunk(const std::string& piece, bool is_http10);
inline constexpr const char* kLastChunk = "0\r\n\r\n";

}  // namespace cadence::net
