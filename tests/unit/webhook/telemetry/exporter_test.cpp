// Spans on their way to a collector that takes them, refuses them, hangs or is not there.
#include "telemetry/exporter.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collector_double.hpp"
#include "folder.hpp"

namespace cadence::telemetry {
namespace {

using std::chrono::milliseconds;

bool eventually(const std::function<bool()>& condition) {
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
       std::chrono::steady_clock::now() < end; base::wait_for({}, milliseconds(5)))
    if (condition()) return true;
  return false;
}

trace::Span span(const std::string& name = "accept") {
  const auto now = base::system_clock().wall();
  return {trace::new_trace(1), "", name, trace::Kind::Server, now, now, {}, {{"cadence.job", "j"}}};
}

ExporterOptions quick() {
  ExporterOptions how;
  how.every = milliseconds(5);
  how.limit = std::chrono::seconds(20);
  how.retry = {milliseconds(1), 1.0, milliseconds(1), 0.0};
  return how;
}

class Exporting : public testing::Test {
 protected:
  Options options() { return {collector.url(), "", "api-key=of-the-tests", "", "", "cadence-webhook", 1}; }
  test::CollectorDouble collector;
};

TEST_F(Exporting, EachSpanArrivesOnce) {
  Exporter exporter(options(), {"cadence-webhook", "1", "pod"}, quick());
  for (int i = 0; i < 1000; ++i) exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().exported == 1000; }));
  EXPECT_EQ(collector.spans().size(), 1000u);
  EXPECT_EQ(collector.faults(), std::vector<std::string>{});
  EXPECT_EQ(net::find_header(collector.last_headers(), "api-key"), "of-the-tests");
  const auto counts = exporter.counts();
  EXPECT_EQ(counts.dropped, 0u);
  EXPECT_EQ(counts.failures, 0u);
  EXPECT_TRUE(counts.is_up);
}

TEST_F(Exporting, WhatTheCollectorCannotTakeNowComesLater) {
  collector.answer_all(net::Response{503, {}, ""});
  auto how = quick();
  how.tries = 1 << 20;
  Exporter exporter(options(), {"s", "1", "pod"}, how);
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().failures > 2; }));
  EXPECT_FALSE(exporter.counts().is_up);
  collector.answer_all(std::nullopt);
  EXPECT_TRUE(eventually([&] { return exporter.counts().exported == 1; }));
  EXPECT_TRUE(exporter.counts().is_up);
}

// Its next try would come at once: it comes when the collector wants it, or as the last one at the end.
TEST_F(Exporting, ACollectorThatAsksForPatienceIsLeftAlone) {
  collector.answer_all(net::Response{429, {{"Retry-After", "30"}}, ""});
  Exporter exporter(options(), {"s", "1", "pod"}, quick());
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().failures == 1; }));
  collector.answer_all(std::nullopt);
  exporter.stop();
  EXPECT_EQ(collector.requests(), 2);
  EXPECT_EQ(exporter.counts().exported, 1u) << "what waits for another try is sent at the end";
}

TEST_F(Exporting, WhatIsNoAnswerOfACollectorIsNoHarm) {
  collector.answer_all(net::Response{200, {{"Content-Type", "text/html"}}, std::string("<html>\xff\0", 8)});
  Exporter exporter(options(), {"s", "1", "pod"}, quick());
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().exported == 1; })) << "it said that it took it";
  collector.answer_all(net::Response{200, {}, std::string(1 << 20, 'x')});
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().dropped == 1; })) << "nobody reads a megabyte of it";
  EXPECT_EQ(exporter.counts().failures, 5u);
}

TEST_F(Exporting, ANameThatNobodyKnowsIsAFailureLikeAnother) {
  auto nowhere = options();
  nowhere.endpoint = "http://collector.invalid:4318";
  Exporter exporter(nowhere, {"s", "1", "pod"}, quick());
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().failures > 0; }));
  EXPECT_FALSE(exporter.counts().is_up);
}

TEST_F(Exporting, WhatItRefusesIsDroppedAndCounted) {
  Exporter exporter(options(), {"s", "1", "pod"}, quick());
  collector.answer_all(net::Response{400, {}, ""});
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().dropped == 1; }));
  EXPECT_EQ(collector.requests(), 1) << "there is no use in another try";
  collector.answer_all(net::json_response(200, R"({"partialSuccess":{"rejectedSpans":"1"}})"));
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return exporter.counts().dropped == 2; }));
  EXPECT_EQ(exporter.counts().exported, 0u);
}

// Nobody listens there: of 100,000 spans so many are kept as there is room for, and adding them waits for nobody.
TEST_F(Exporting, ACollectorThatIsAwayCostsSpansAlone) {
  auto nowhere = options();
  nowhere.endpoint = "http://127.0.0.1:1";
  auto how = quick();
  how.room = 100;
  how.batch = 10;
  how.tries = 1 << 20;
  how.retry = {std::chrono::hours(1), 1.0, std::chrono::hours(1), 0.0};
  Exporter exporter(nowhere, {"s", "1", "pod"}, how);
  for (int i = 0; i < 100'000; ++i) exporter.add(span());
  EXPECT_LE(exporter.counts().waiting, 100u);
  EXPECT_GE(exporter.counts().dropped, 99'800u);
  EXPECT_TRUE(eventually([&] { return exporter.counts().failures == 1; }));
  testing::internal::CaptureStderr();
  exporter.stop();
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(exporter.counts().exported, 0u);
}

TEST_F(Exporting, SaysWhatIsWrongOnceAMinute) {
  collector.answer_all(net::Response{401, {}, "no"});
  testing::internal::CaptureStderr();
  {
    Exporter exporter(options(), {"s", "1", "pod"}, quick());
    for (std::uint64_t i = 1; i <= 5; ++i) {
      exporter.add(span());
      EXPECT_TRUE(eventually([&] { return exporter.counts().failures == i; }));
    }
  }
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("Spans were not exported"), std::string::npos) << log;
  EXPECT_EQ(log.find("Spans were not exported"), log.rfind("Spans were not exported")) << log;
  EXPECT_EQ(log.find("of-the-tests"), std::string::npos) << "a header may be a secret";
}

TEST_F(Exporting, WhatIsLeftAtTheEndIsSent) {
  auto how = quick();
  how.every = std::chrono::hours(1);
  Exporter exporter(options(), {"s", "1", "pod"}, how);
  for (int i = 0; i < 3; ++i) exporter.add(span());
  exporter.stop();
  EXPECT_EQ(collector.spans().size(), 3u);
}

TEST_F(Exporting, HeadersInAFileAreReadForEachBatch) {
  const test::Folder folder;
  auto changing = options();
  changing.headers_file = (folder.path() / "headers").string();
  std::ofstream(changing.headers_file) << "api-key=first\n";
  Exporter exporter(changing, {"s", "1", "pod"}, quick());
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return net::find_header(collector.last_headers(), "api-key") == "first"; }));
  std::ofstream(changing.headers_file) << "api-key=second\n";
  exporter.add(span());
  EXPECT_TRUE(eventually([&] { return net::find_header(collector.last_headers(), "api-key") == "second"; }));
}

TEST(ExporterOptions, AreCheckedBeforeAnythingIsSent) {
  struct Row {
    Options options;
    std::string refusal;
  };
  const auto at = [](std::string endpoint, std::string traces_url = "", std::string headers = "") {
    return Options{std::move(endpoint), std::move(traces_url), std::move(headers), "", "", "cadence-webhook", 1};
  };
  for (const auto& row : {Row{{}, ""}, Row{at("http://collector:4318"), ""}, Row{at("https://otel.example/x/"), ""},
                          Row{at("collector:4318"), "tracing.endpoint must begin with http"},
                          Row{at("grpc://collector:4317"), "tracing.endpoint must begin with http"},
                          Row{at("https://u:p@collector"), "tracing.endpoint must have neither"},
                          Row{at("", "collector"), "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must begin"},
                          Row{{"", "", "", "", "", "cadence-webhook", 1.5}, "tracing.sample_ratio must be"},
                          Row{at("http://c", "", "s3cret"), "Could not use OTEL_EXPORTER_OTLP_HEADERS"},
                          Row{{"", "", "", "", "", "", 1}, "tracing.service_name must"}}) {
    const auto checked = validate(row.options);
    const auto said = checked ? "" : checked.error().message;
    EXPECT_TRUE(row.refusal.empty() ? said.empty() : said.starts_with(row.refusal)) << said;
    EXPECT_EQ(said.find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace cadence::telemetry
