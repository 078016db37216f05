// Spans as OTLP's JSON encoding has them, and what a collector's answer means.
#include "telemetry/otlp.hpp"

#include <gtest/gtest.h>

#include "json/value.hpp"

namespace cadence::telemetry {
namespace {

const trace::Context kSelf{"5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", true, "kiln=1"};
base::Wall at(std::int64_t microseconds) { return base::Wall(std::chrono::microseconds(microseconds)); }

// As in opentelemetry-proto's examples/trace.json.
TEST(Otlp, WritesASpanAsTheSpecificationDoes) {
  const trace::Span span{kSelf,
                         "eee19b7ec3c1b173",
                         "accept",
                         trace::Kind::Server,
                         at(1544712660000000),
                         at(1544712661000000),
                         "answered 503",
                         {{"my.text", "x"}, {"my.number", 7}}};
  const auto written = json::parse(trace_request({"cadence-webhook", "1.2", "pod-1"}, {&span, 1}));
  ASSERT_TRUE(written);
  const auto expected = json::parse(R"({"resourceSpans": [{
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cadence-webhook"}},
                                {"key": "service.version", "value": {"stringValue": "1.2"}},
                                {"key": "service.instance.id", "value": {"stringValue": "pod-1"}}]},
    "scopeSpans": [{"scope": {"name": "cadence-webhook", "version": "1.2"}, "spans": [{
      "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174",
      "parentSpanId": "eee19b7ec3c1b173", "traceState": "kiln=1", "flags": 1, "name": "accept", "kind": 2,
      "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": "1544712661000000000",
      "attributes": [{"key": "my.text", "value": {"stringValue": "x"}},
                     {"key": "my.number", "value": {"intValue": "7"}}],
      "status": {"code": 2, "message": "answered 503"}}]}]}]})");
  EXPECT_EQ(*written, *expected) << json::dump(*written);
}

TEST(Otlp, AFirstSpanThatWentWellHasNeitherParentNorStatus) {
  auto self = kSelf;
  self.state.clear();
  const trace::Span span{self, "", "accept", trace::Kind::Server, at(2), at(1), {}, {{"name", "\xff\xfe"}}};
  const auto written = trace_request({"s", "v", "i"}, {&span, 1});
  EXPECT_EQ(written.find("parentSpanId"), std::string::npos);
  EXPECT_EQ(written.find("status"), std::string::npos);
  EXPECT_EQ(written.find("traceState"), std::string::npos);
  EXPECT_NE(written.find(R"("endTimeUnixNano":"2000")"), std::string::npos) << "a clock that was set back";
  EXPECT_TRUE(json::parse(written)) << "what a sender named is valid UTF-8";
}

TEST(Otlp, ReadsHeadersAsTheEnvironmentHasThem) {
  struct Row {
    std::string text;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  for (const auto& row : {Row{"", {}}, Row{"api-key=s3cret", {{"api-key", "s3cret"}}},
                          Row{"a=1, b = two%20words ,c=x=y", {{"a", "1"}, {"b", "two words"}, {"c", "x=y"}}},
                          Row{"a=1\nb=2\n", {{"a", "1"}, {"b", "2"}}}}) {
    const auto read = read_headers(row.text);
    ASSERT_TRUE(read) << row.text;
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& header : *read) found.emplace_back(header.name, header.value);
    EXPECT_EQ(found, row.headers) << row.text;
  }
  for (const char* wrong : {"api-key", "=s3cret", "a b=s3cret", "a=s3cret%0d%0aX: y", "a=s3cret%00"}) {
    const auto read = read_headers(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().message.find("s3cret"), std::string::npos) << read.error().message;
  }
}

TEST(Otlp, KnowsWhichAnswersAreWorthAnotherTry) {
  for (const int taken : {200, 202}) EXPECT_EQ(verdict_of(taken), Verdict::Taken);
  for (const int later : {429, 502, 503, 504}) EXPECT_EQ(verdict_of(later), Verdict::Later);
  for (const int never : {301, 400, 401, 404, 413, 500}) EXPECT_EQ(verdict_of(never), Verdict::Never);
  const auto wait_for = [](const char* text) { return wait_asked_for({429, {{"retry-after", text}}, ""}); };
  EXPECT_EQ(wait_for("3"), std::chrono::seconds(3));
  EXPECT_EQ(wait_for("86400"), std::chrono::seconds(30)) << "nobody holds spans for a day";
  for (const char* none : {"", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"}) EXPECT_EQ(wait_for(none), std::nullopt);
  EXPECT_EQ(rejected_in(""), 0);
  EXPECT_EQ(rejected_in("nonsense"), 0);
  EXPECT_EQ(rejected_in(R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"x"}})"), 3);
  EXPECT_EQ(rejected_in(R"({"partialSuccess":{"rejectedSpans":3}})"), 3);
}

}  // namespace
}  // namespace cadence::telemetry
