// A server with short time limits that echoes, and one question to it.
#pragma once

#include <gmock/gmock.h>

#include "net/server.hpp"
#include "raw_peer.hpp"

namespace cadence::net::testing {

using std::chrono::milliseconds;

inline Response echo(const RequestHead& head, const std::string& body) {
  return text_response(200, head.method + " " + head.target + " " + body);
}

inline ServerOptions quick() {
  ServerOptions out;
  out.address = "127.0.0.1";
  out.port = 0;
  out.header_timeout = milliseconds(300);
  out.body_timeout = milliseconds(300);
  out.idle_timeout = milliseconds(300);
  return out;
}

inline std::unique_ptr<Server> start(ServerOptions options = quick(),
                                     HeadHandler handler = simple_handler(echo, 1024)) {
  auto made = start_server(std::move(options), std::move(handler));
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value();
}

inline std::string ask(std::uint16_t port, std::string_view bytes) {
  const RawPeer client(port);
  EXPECT_TRUE(client.send(bytes));
  return client.read_to_end();
}

}  // namespace cadence::net::testing
