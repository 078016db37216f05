#include "net/http.hpp"

#include <gtest/gtest.h>

#include "net/transport.hpp"
#include "net/wire.hpp"

namespace cadence::net {
namespace {

TEST(Http, PercentEncodingRoundTrips) {
  EXPECT_EQ(percent_encode("a=b,c!(d) /%é~"), "a%3Db%2Cc%21%28d%29%20%2F%25%C3%A9~");
  EXPECT_EQ(percent_decode(percent_encode("a=b,c!(d) /%é~+")), "a=b,c!(d) /%é~+");
  EXPECT_EQ(percent_decode("a+b%2"), "a+b%2");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
}

TEST(Http, TargetsAreTakenApart) {
  EXPECT_EQ(path_of("/a/b?c=d"), "/a/b");
  EXPECT_EQ(path_of("/a"), "/a");
  EXPECT_EQ(query_value("/a?x=1&y=a%20b&y=2&z", "y"), "a b");
  EXPECT_EQ(query_value("/a?x=1&y=a%20b&z", "z"), "");
  EXPECT_EQ(query_value("/a", "z"), "");
  EXPECT_EQ(find_header({{"Content-Type", "a"}, {"content-type", "b"}}, "CONTENT-TYPE"), "a");
}

TEST(Wire, HostHeaderBracketsAndHidesDefaultPorts) {
  EXPECT_EQ(host_header({"::1", 6443, ClientTls{}}), "[::1]:6443");
  EXPECT_EQ(host_header({"api", 443, ClientTls{}}), "api");
  EXPECT_EQ(host_header({"api", 443, std::nullopt}), "api:443");
}

TEST(Wire, ResponsesCannotBeSplitByAHeader) {
  const Response response{200, {{"A", "b\r\nC: d"}, {"Content-Length", "99"}, {"Good", "yes"}}, "x"};
  EXPECT_EQ(write_response(response, false, Persistence::KeepAlive),
            "HTTP/1.1 200 OK\r\nGood: yes\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(write_response({204, {}, ""}, false, Persistence::Close),
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(UnixSocket, AnAbsentOneIsAnError) {
  const auto answer = ask_unix_socket("/nonexistent/socket", "x\n", std::chrono::seconds(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, base::ErrorKind::Transient);
}

}  // namespace
}  // namespace cadence::net
