#include <gtest/gtest.h>

#include "report/visible.hpp"
#include "sample.hpp"

namespace cadence::report {
namespace {

TEST(Visible, NothingHiddenStays) {
  EXPECT_EQ(visible("a\tb\r\nc"), "a b\nc");
  EXPECT_EQ(visible("\x1b[31m"), "[U+001B][31m");
  EXPECT_EQ(visible("\xe2\x80\xae\xe2\x81\xa6"), "[U+202E][U+2066]");
  EXPECT_EQ(visible("a\xff"), "a\xef\xbf\xbd");
  EXPECT_EQ(visible("\xf3\xa0\x81\x81"), "[U+E0041]");  // a tag character
  EXPECT_EQ(visible_line("a\nb"), "a b");
}

TEST(Visible, SubjectIsTheFirstLineWithWords) {
  EXPECT_EQ(visible_subject("\n\n  fix \r\nbody", 20), "fix");
  EXPECT_EQ(visible_subject("", 20), "");
  EXPECT_EQ(visible_subject("abcdefgh", 4), "abc…");
}

TEST(Visible, WidthCountsColumns) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("\xe6\xbc\xa2"), 2U);
  EXPECT_EQ(columns_of("e\xcc\x81"), 1U);
  EXPECT_EQ(cut("\xe6\xbc\xa2\xe5\xad\x97", 3), "\xe6\xbc\xa2…");
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Visible, WrapsAtSpacesAndLosesNothing) {
  EXPECT_EQ(wrap("one two three", 8), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("abcdefghijkl", 8), (std::vector<std::string>{"abcdefgh", "ijkl"}));
  for (const auto& message : kHostileMessages) {
    for (std::size_t columns : {8U, 13U, 40U}) {
      std::string joined, wanted;
      for (const auto& line : wrap(visible(message), columns)) {
        EXPECT_LE(columns_of(line), columns) << message;
        for (const char c : line)
          if (c != ' ') joined += c;
      }
      for (const char c : visible(message))
        if (c != ' ' && c != '\n') wanted += c;
      EXPECT_EQ(joined, wanted);
    }
  }
}

TEST(Text, LinesKeepToTheColumns) {
  for (const std::size_t columns : {40U, 80U, 120U}) {
    const auto text = render_text(git_sample(), {.columns = columns});
    std::size_t at = 0;
    while (at < text.size()) {
      const auto end = text.find('\n', at);
      EXPECT_LE(columns_of(text.substr(at, end - at)), columns) << text.substr(at, end - at);
      at = end + 1;
    }
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
  EXPECT_NE(render_text(git_sample(), {.has_colour = true}).find("\x1b["), std::string::npos);
}

}  // namespace
}  // namespace cadence::report
