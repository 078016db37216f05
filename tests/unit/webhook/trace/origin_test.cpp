// What a job carries of its delivery, as one line of text.
#include "trace/origin.hpp"

#include <gtest/gtest.h>

namespace cadence::trace {
namespace {

const Context kContext{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true};
const Context kStateful{kContext.trace_id, kContext.span_id, true, "kiln=a b,t@x=1"};
const std::string kParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Origin, IsReadAsItWasWritten) {
  struct Row {
    Origin origin;
    std::string text;
  };
  for (const auto& row : {Row{{kContext, "72d3162e"}, kParent + " 72d3162e"}, Row{{kContext, ""}, kParent + " "},
                          Row{{std::nullopt, "72d3162e"}, "- 72d3162e"}, Row{{std::nullopt, ""}, ""},
                          Row{{kStateful, "72d3162e"}, kParent + " 72d3162e kiln=a b,t@x=1"},
                          Row{{kStateful, ""}, kParent + "  kiln=a b,t@x=1"}}) {
    EXPECT_EQ(to_text(row.origin), row.text);
    EXPECT_EQ(read_origin(row.text), row.origin);
  }
}

TEST(Origin, ThatCannotBeReadIsUnknown) {
  EXPECT_EQ(read_origin(kParent), Origin{});
  EXPECT_EQ(read_origin("nonsense"), Origin{});
  EXPECT_EQ(read_origin("00-x-y-z 72d3162e"), (Origin{std::nullopt, "72d3162e"}));
  EXPECT_EQ(read_origin(kParent + " 72d3162e no state"), (Origin{kContext, "72d3162e"}));
  EXPECT_EQ(read_origin("- 72d3162e kiln=1"), (Origin{std::nullopt, "72d3162e"})) << "a state of no trace";
}

TEST(Origin, TellsOnlyIdsThatFitALine) {
  EXPECT_EQ(tellable_id("72d3162e-cc78"), "72d3162e-cc78");
  EXPECT_EQ(tellable_id(std::string(100, 'a')), std::string(100, 'a'));
  EXPECT_EQ(tellable_id(std::string(101, 'a')), "");
  for (const char* wrong : {"a b", "a\nb", "a\x7f", "\xc3\xa9"}) EXPECT_EQ(tellable_id(wrong), "");
}

}  // namespace
}  // namespace cadence::trace
