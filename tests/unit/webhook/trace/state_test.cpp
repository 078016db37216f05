// Every rule of W3C Trace Context level 1, 3.3, on what tracestate may hold.
#include "trace/state.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cadence::trace {
namespace {

std::string entries(int count, std::size_t size) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    auto entry = "k" + std::to_string(i) + "=";
    entry += std::string(size - entry.size(), 'v');
    out += (i == 0 ? "" : ",") + entry;
  }
  return out;
}

TEST(Tracestate, WhatKeepsToTheLetterIsPassedOn) {
  struct Row {
    std::string text, passed;
  };
  for (const auto& row :
       {Row{"", ""}, Row{"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"},
        Row{" rojo=1 ,\tcongo=2 ,", "rojo=1,congo=2"}, Row{",,rojo=1,,", "rojo=1"}, Row{"a=b c", "a=b c"},
        Row{"0tenant@vendor=1", "0tenant@vendor=1"}, Row{"a_-*/9=!", "a_-*/9=!"}, Row{"a=1,t@a=2", "a=1,t@a=2"},
        Row{std::string(256, 'k') + "=1", std::string(256, 'k') + "=1"},
        Row{std::string(241, 't') + "@" + std::string(14, 'v') + "=1",
            std::string(241, 't') + "@" + std::string(14, 'v') + "=1"},
        Row{"k=" + std::string(256, 'v'), "k=" + std::string(256, 'v')}, Row{entries(32, 10), entries(32, 10)}})
    EXPECT_EQ(read_tracestate(row.text), row.passed) << row.text;
}

TEST(Tracestate, OneWrongEntryMakesAllOfItNothing) {
  for (const std::string& wrong : {std::string("rojo"),
                                   std::string("=1"),
                                   std::string("rojo="),
                                   std::string("Rojo=1"),
                                   std::string("0rojo=1"),
                                   std::string("ro jo=1"),
                                   std::string("rojo =1"),
                                   std::string("rojo=1=2"),
                                   std::string("rojo=\x7f"),
                                   std::string("rojo=\xc3\xa9"),
                                   std::string("rojo=a\tb"),
                                   std::string("t@=1"),
                                   std::string("@v=1"),
                                   std::string("t@0v=1"),
                                   std::string("t@v@w=1"),
                                   std::string("good=2"),
                                   std::string(257, 'k') + "=1",
                                   std::string(242, 't') + "@v=1",
                                   "t@" + std::string(15, 'v') + "=1",
                                   "k=" + std::string(257, 'v')}) {
    EXPECT_EQ(read_tracestate("good=1," + wrong), "") << wrong;
    EXPECT_EQ(read_tracestate(wrong + ",good=1"), "") << wrong;
  }
  EXPECT_EQ(read_tracestate(entries(33, 10)), "") << "more than 32";
}

TEST(Tracestate, ThatIsTooLongLosesWholeEntriesTheLongOnesFirst) {
  const auto longest = "long=" + std::string(130, 'x');
  EXPECT_EQ(read_tracestate("a=1," + longest + "," + entries(4, 100)), "a=1," + entries(4, 100));
  EXPECT_EQ(read_tracestate(entries(4, 127) + ",z=1"), entries(4, 127)) << "513 characters with the last one";
  EXPECT_EQ(read_tracestate(entries(4, 127) + ",z"), "");
  EXPECT_EQ(read_tracestate(entries(6, 100)), entries(5, 100));
  EXPECT_EQ(read_tracestate("a=1," + longest + "," + entries(2, 100)), "a=1," + longest + "," + entries(2, 100));
}

}  // namespace
}  // namespace cadence::trace
