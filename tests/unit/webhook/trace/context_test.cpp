// Every rule of W3C Trace Context level 1, 3.2, on what a header may hold.
#include "trace/context.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cadence::trace {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kSpan = "00f067aa0ba902b7";

TEST(Traceparent, IsReadToTheLetter) {
  struct Row {
    const char* what;
    std::string text;
    std::optional<Context> context;
  };
  const auto sampled = Context{kTrace, kSpan, true}, unsampled = Context{kTrace, kSpan, false};
  for (const auto& row : {
           Row{"the specification's example", "00-" + kTrace + "-" + kSpan + "-01", sampled},
           Row{"not sampled", "00-" + kTrace + "-" + kSpan + "-00", unsampled},
           Row{"flags that nobody knows yet", "00-" + kTrace + "-" + kSpan + "-fe", unsampled},
           Row{"and that of sampling among them", "00-" + kTrace + "-" + kSpan + "-09", sampled},
           Row{"a later version of the same length", "cc-" + kTrace + "-" + kSpan + "-01", sampled},
           Row{"a later version that says more", "cc-" + kTrace + "-" + kSpan + "-01-what-is-to-come", sampled},
           Row{"a later version whose flags go on", "cc-" + kTrace + "-" + kSpan + "-01.what", {}},
           Row{"version 00 that says more", "00-" + kTrace + "-" + kSpan + "-01-x", {}},
           Row{"the version that is none", "ff-" + kTrace + "-" + kSpan + "-01", {}},
           Row{"a version of other digits", "0x-" + kTrace + "-" + kSpan + "-01", {}},
           Row{"upper case", "00-4BF92F3577b34da6a3ce929d0e0e4736-" + kSpan + "-01", {}},
           Row{"upper case in the span", "00-" + kTrace + "-00F067aa0ba902b7-01", {}},
           Row{"upper case in the flags", "00-" + kTrace + "-" + kSpan + "-0A", {}},
           Row{"a trace of zeros", "00-" + std::string(32, '0') + "-" + kSpan + "-01", {}},
           Row{"a span of zeros", "00-" + kTrace + "-" + std::string(16, '0') + "-01", {}},
           Row{"a short trace", "00-" + kTrace.substr(1) + "-" + kSpan + "-01", {}},
           Row{"a digit that is none", "00-" + kTrace.substr(1) + "g-" + kSpan + "-01", {}},
           Row{"other separators", "00_" + kTrace + "-" + kSpan + "-01", {}},
           Row{"other separators", "00-" + kTrace + "_" + kSpan + "-01", {}},
           Row{"other separators", "00-" + kTrace + "-" + kSpan + "_01", {}},
           Row{"cut", "00-" + kTrace + "-" + kSpan + "-0", {}},
           Row{"a space before it", " 00-" + kTrace + "-" + kSpan + "-01", {}},
           Row{"nothing", "", {}},
       })
    EXPECT_EQ(parse_traceparent(row.text), row.context) << row.what;
}

TEST(Traceparent, IsWrittenAsItIsRead) {
  for (const bool is_sampled : {true, false}) {
    const Context context{kTrace, kSpan, is_sampled};
    EXPECT_EQ(parse_traceparent(traceparent_of(context)), context);
  }
  EXPECT_EQ(traceparent_of({kTrace, kSpan, true}), "00-" + kTrace + "-" + kSpan + "-01");
}

TEST(Trace, ANewOneIsLikeNoOther) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto context = new_trace(1);
    EXPECT_EQ(parse_traceparent(traceparent_of(context)), context);
    ids.insert(context.trace_id);
    ids.insert(context.span_id);
  }
  EXPECT_EQ(ids.size(), 2000u);
}

TEST(Trace, AChildIsAnotherSpanOfIt) {
  const Context parent{kTrace, kSpan, true, "kiln=1"};
  const auto child = child_of(parent);
  EXPECT_EQ(child.state, "kiln=1");
  EXPECT_EQ(child.trace_id, kTrace);
  EXPECT_NE(child.span_id, kSpan);
  EXPECT_TRUE(child.is_sampled);
  EXPECT_FALSE(child_of({kTrace, kSpan, false}).is_sampled);
}

TEST(Trace, IsSampledByItsIdAlone) {
  const std::string half = "0000000000000000" + std::string("8000000000000000"),
                    below = "0000000000000000" + std::string("7fffffff00000000");
  EXPECT_FALSE(is_sampled(half, 0.5));
  EXPECT_TRUE(is_sampled(below, 0.5));
  for (const auto& id : {half, below, kTrace}) {
    EXPECT_TRUE(is_sampled(id, 1));
    EXPECT_FALSE(is_sampled(id, 0));
  }
  int sampled = 0;
  for (int i = 0; i < 10000; ++i) sampled += new_trace(0.25).is_sampled ? 1 : 0;
  EXPECT_NEAR(sampled, 2500, 300) << "seven standard deviations";
}

}  // namespace
}  // namespace cadence::trace
