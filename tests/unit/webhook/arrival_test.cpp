// Which trace a proven delivery belongs to, and what of its arrival is recorded.
#include "ingest/arrival.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cadence::ingest {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kSpan = "00f067aa0ba902b7";
const std::string kParent = "00-" + kTrace + "-" + kSpan + "-01";

struct Recorded final : trace::Spans {
  explicit Recorded(double sampled = 1) : sampled_(sampled) {}
  void add(trace::Span span) override { spans.push_back(std::move(span)); }
  [[nodiscard]] double ratio() const override { return sampled_; }
  double sampled_;
  std::vector<trace::Span> spans;
};

net::RequestHead head_with(std::vector<std::string> traceparents, std::vector<std::string> states = {}) {
  net::RequestHead head;
  for (auto& one : states) head.headers.push_back({"TraceState", std::move(one)});
  for (auto& one : traceparents) head.headers.push_back({"Traceparent", std::move(one)});
  return head;
}

trace::Origin origin_of(const Arrival& arrival) { return trace::read_origin(arrival.origin()); }

TEST(Arrival, WithoutACollectorTheSendersTraceGoesOnAsItIs) {
  EXPECT_EQ(Arrival(head_with({kParent}), "d1", nullptr, {}).origin(), kParent + " d1");
  EXPECT_EQ(Arrival(head_with({}), "d1", nullptr, {}).origin(), "- d1");
  EXPECT_EQ(Arrival(head_with({}), "", nullptr, {}).origin(), "") << "nothing is written where nothing is known";
}

TEST(Arrival, ABadOrDoubledHeaderIsNone) {
  for (const auto& headers : std::vector<std::vector<std::string>>{
           {"nonsense"}, {kParent, kParent}, {"nonsense", kParent}, {kParent + "-x"}}) {
    EXPECT_EQ(Arrival(head_with(headers), "d1", nullptr, {}).origin(), "- d1");
    Recorded recorded;
    EXPECT_NE(origin_of(Arrival(head_with(headers), "d1", &recorded, {})).context->trace_id, kTrace);
  }
}

TEST(Arrival, TakesTheStateOfATraceThatItGoesOnIn) {
  Recorded recorded;
  const auto state_of = [&](std::vector<std::string> parents, std::vector<std::string> states) {
    const auto head = head_with(std::move(parents), std::move(states));
    const auto kept = origin_of(Arrival(head, "d1", nullptr, {})).context.value_or(trace::Context{}).state;
    EXPECT_EQ(origin_of(Arrival(head, "d1", &recorded, {})).context->state, kept);
    return kept;
  };
  EXPECT_EQ(state_of({kParent}, {"kiln=1"}), "kiln=1");
  EXPECT_EQ(state_of({kParent}, {"kiln=1", "wheel=2"}), "kiln=1,wheel=2") << "several headers are one list";
  EXPECT_EQ(state_of({kParent}, {"kiln=1", "kiln=2"}), "");
  EXPECT_EQ(state_of({kParent}, {"nonsense"}), "") << "and the trace goes on";
  EXPECT_EQ(state_of({}, {"kiln=1"}), "") << "of no trace";
  EXPECT_EQ(state_of({"nonsense"}, {"kiln=1"}), "");
}

TEST(Arrival, IsASpanOfTheSendersTrace) {
  Recorded recorded;
  const Arrival arrival(head_with({kParent}), "d1", &recorded, base::Wall(std::chrono::seconds(1)));
  const auto origin = origin_of(arrival);
  ASSERT_TRUE(origin.context);
  EXPECT_EQ(origin.context->trace_id, kTrace);
  EXPECT_NE(origin.context->span_id, kSpan);
  int status = 0;
  arrival.recorded(net::Responder([&](net::Response answer) { status = answer.status; }),
                   "github")(net::json_response(202, R"({"job_id":"job-1"})"));
  EXPECT_EQ(status, 202);
  ASSERT_EQ(recorded.spans.size(), 2u);
  const auto& store = recorded.spans[0];
  const auto& accept = recorded.spans[1];
  EXPECT_EQ(accept.name, "accept");
  EXPECT_EQ(accept.self, *origin.context) << "what the job's spans have as their parent";
  EXPECT_EQ(accept.parent_id, kSpan);
  EXPECT_EQ(accept.begun, base::Wall(std::chrono::seconds(1)));
  EXPECT_EQ(accept.error, "");
  EXPECT_EQ(store.name, "store");
  EXPECT_EQ(store.parent_id, accept.self.span_id);
  for (const auto* span : {&store, &accept})
    EXPECT_NE(std::find(span->attributes.begin(), span->attributes.end(), trace::Attribute("cadence.job", "job-1")),
              span->attributes.end());
}

TEST(Arrival, BeginsATraceWhereTheSenderHasNone) {
  Recorded recorded;
  const Arrival arrival(head_with({}), "d1", &recorded, {});
  EXPECT_TRUE(origin_of(arrival).context->is_sampled);
  arrival.recorded(net::Responder([](auto) {}), "github")(net::Response{503, {}, ""});
  ASSERT_EQ(recorded.spans.size(), 2u);
  EXPECT_EQ(recorded.spans[1].parent_id, "");
  EXPECT_EQ(recorded.spans[1].error, "answered 503");
}

TEST(Arrival, ThatIsNotSampledIsRecordedNowhereAndKeepsItsTrace) {
  Recorded none(0);
  const Arrival own(head_with({}), "d1", &none, {});
  const Arrival senders(head_with({"00-" + kTrace + "-" + kSpan + "-00"}), "d1", &none, {});
  for (const auto* arrival : {&own, &senders}) {
    EXPECT_FALSE(origin_of(*arrival).context->is_sampled);
    arrival->recorded(net::Responder([](auto) {}), "github")(net::Response{202, {}, ""});
  }
  EXPECT_EQ(none.spans.size(), 0u);
  Recorded all(1);
  const Arrival unwanted(head_with({"00-" + kTrace + "-" + kSpan + "-00"}), "d1", &all, {});
  EXPECT_FALSE(origin_of(unwanted).context->is_sampled) << "the sender has decided";
}

}  // namespace
}  // namespace cadence::ingest
