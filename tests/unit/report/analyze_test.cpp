#include <gtest/gtest.h>

#include <algorithm>

#include "analyze/target.hpp"
#include "config/command_line.hpp"

namespace cadence::analyze {
namespace {

using config::Kind;

TEST(Target, IsToldByItsLooks) {
  struct Case {
    const char* text;
    bool is_website, is_folder;
    const char* name;
  };
  for (const auto& one :
       {Case{".", false, true, "."}, Case{"/srv/kiln/.git", false, true, "kiln"},
        Case{"file:///srv/my%20kiln.git", false, true, "my kiln"}, Case{"git://h/kiln", false, false, "kiln"},
        Case{"ssh://git@h/potters/kiln/", false, false, "kiln"},
        Case{"https://h.example/potters/kiln.git/", false, false, "kiln"},
        Case{"https://GitHub.com/potters/kiln", false, false, "kiln"},
        Case{"https://github.com/potters/kiln/issues", true, false, "issues"},
        Case{"https://github.com.evil.example/a/b", true, false, "b"},
        Case{"https://potters.example/", true, false, ""}, Case{"http://potters.example/?x=.git", true, false, ""}}) {
    const auto target = target_of(one.text, Kind::Auto);
    ASSERT_TRUE(target) << one.text;
    EXPECT_EQ(target->is_website, one.is_website) << one.text;
    EXPECT_EQ(target->is_folder, one.is_folder) << one.text;
    EXPECT_EQ(target->name, one.name) << one.text;
  }
  EXPECT_TRUE(target_of("https://h.example/kiln.git", Kind::Website)->is_website);
  EXPECT_FALSE(target_of("https://h.example/kiln", Kind::Repository)->is_website);
  EXPECT_FALSE(target_of("", Kind::Auto));
  EXPECT_FALSE(target_of("file://other-host/srv/kiln", Kind::Auto));
}

TEST(AnalyzeLine, NeedsNoSecretAndReadsItsFlags) {
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  const auto line = config::read_command_line({"analyze", "x", "-f", "html", "--profile", "upstream", "--quartiles",
                                               "sorted", "--fail-above", "12.5", "--fail-on", "high"},
                                              none);
  ASSERT_FALSE(line.exit_code) << line.text;
  ASSERT_TRUE(line.analyze);
  EXPECT_EQ(line.analyze->format, config::Format::Html);
  EXPECT_EQ(line.analyze->fail_above, 12.5);
  EXPECT_EQ(line.config.analysis.profile, analysis::git::Profile::Upstream);
  EXPECT_EQ(line.config.analysis.effective_quartiles(), analysis::git::Quartiles::Sorted);
  EXPECT_FALSE(line.config.ai.is_enabled);
  for (const auto& wrong : std::vector<std::vector<std::string>>{{"analyze"},
                                                                 {"analyze", "x", "y"},
                                                                 {"analyze", "x", "--format", "pdf"},
                                                                 {"analyze", "x", "--fail-above", "101"},
                                                                 {"analyze", "x", "--fail-on", "none"},
                                                                 {"analyze", "x", "--threads", "0"},
                                                                 {"analyze", "x", "--rows", "-1"}}) {
    const auto refused = config::read_command_line(wrong, none);
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(std::count(refused.text.begin(), refused.text.end(), '\n'), 1) << refused.text;
  }
}

TEST(AnalyzeLine, WrongUseIsNamed) {
  const auto said = [](std::vector<std::string> line) {
    const auto refused =
        config::read_command_line(std::move(line), [](const std::string&) { return std::optional<std::string>(); });
    EXPECT_EQ(refused.exit_code, 2);
    return refused.text;
  };
  const auto names = [&](const std::vector<std::string>& line, const std::string& what) {
    const auto text = said(line);
    EXPECT_NE(text.find(what), std::string::npos) << text;
  };
  names({"serv"}, "There is no command serv. The commands are serve and analyze");
  names({"webhook", "serv", "--port", "1"}, "There is no command serv");
  names({""}, "There is no command ");
  names({"analyze", ".", "--rows", "0"}, "--rows: 0 is not within 1 to 100000 ");
  names({"analyze", ".", "--rows", "abc"}, "--rows: abc is not a whole number ");
  names({"analyze", ".", "--rows", "1.5"}, "--rows: 1.5 is not a whole number ");
  names({"analyze", ".", "--threads", "99999999999999999999"},
        "--threads: 99999999999999999999 is not a whole number ");
  names({"analyze", ".", "--fail-above", "abc"}, "--fail-above: abc is not a number ");
  names({"analyze", ".", "--fail-above", "nan"}, "--fail-above: nan is not a number ");
  names({"analyze", ".", "--fail-above", "5%"}, "--fail-above: 5% is not a number ");
  names({"analyze", ".", "--fail-above", "100.5"}, "--fail-above: 100.5 is not within 0 to 100 ");
}

TEST(AnalyzeLine, HelpFitsAScreen) {
  const auto help =
      config::read_command_line({"analyze", "--help"}, [](const std::string&) { return std::optional<std::string>(); });
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_LE(std::count(help.text.begin(), help.text.end(), '\n'), 32);
  EXPECT_NE(help.text.find("3 beyond --fail"), std::string::npos);
}

}  // namespace
}  // namespace cadence::analyze
