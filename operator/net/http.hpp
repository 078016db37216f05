// HTTP messages as values, shared by clients and servers (RFC 9110, RFC 9112). No I/O.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cadence::net {

struct Header {
  std::string name, value;
};

// First value of a header, names compared without case; empty when absent.
std::string_view find_header(const std::vector<Header>& headers, std::string_view name);

struct Request {
  std::string method = "GET";
  std::string target = "/";  // origin form, already percent-encoded (RFC 9112 §3.2.1)
  std::vector<Header> headers;
  std::string body;
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
};

// Percent-encodes everything but unreserved characters (RFC 3986 §2.3): safe inside a path segment or a query value.
std::string percent_encode(std::string_view text);
std::string percent_decode(std::string_view text);  // '+' stays; a malformed escape stays as it is

// "?a=b&c=d" parts of a target.
std::string_view path_of(std::string_view target);
std::string query_value(std::string_view target, std::string_view name);  // decoded; empty when absent

// A JSON answer with its content type.
Response json_response(int status, std::string body);
Response text_response(int status, std::string body);

}  // namespace cadence::net
