// The result as a document and as text: two ways to the same JSON.
#include <gtest/gtest.h>

#include "analysis/git/result_json.hpp"

namespace cadence::analysis::git {
namespace {

AnalysisResult result_with(std::vector<Suspicion> suspicions) {
  AnalysisResult result;
  result.total_commits = 40;
  result.suspicions = std::move(suspicions);
  result.overall_suspicion = 2.5;
  result.time_span = "9 days";
  result.tip = std::string(40, 'a');
  return result;
}

void expect_same(const AnalysisResult& result) {
  const json::Value more = {{"job_id", "7"}, {"url", "https://git.example/a\"b.git"}};
  const std::string text = to_text(result, more);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto read = json::parse(text);
  ASSERT_TRUE(read.is_ok()) << read.error().message << "\n" << text;
  auto whole = to_json(result);
  whole.update(more);
  EXPECT_EQ(json::dump(*read), json::dump(whole));
}

TEST(ResultText, SaysWhatTheDocumentSays) {
  expect_same(result_with({}));
  expect_same(result_with(
      {{std::string(40, '1'),
        0,
        "plain\n",
        Severity::Low,
        {"612 lines added, limit 500"},
        {"size_analysis"},
        6.666666666666667,
        0.6,
        ""},
       {std::string(40, '2'), 7, "", Severity::High, {}, {}, 100, 1, ""},
       {std::string(40, '3'), 9, "two", Severity::Medium, {"a", "b"}, {"x", "y"}, 6.666666666666667, 1e-7, ""}}));
}

TEST(ResultText, AnyMessageIsWrittenAsTheDocumentWritesIt) {
  for (const std::string message : {"quote \" and \\ and /", "tab\tand\x01", "Köln \xe2\x82\xac", "broken \xff\xc3",
                                    "\x7f", "a\r\nb", "</script>"}) {
    expect_same(result_with({{std::string(40, '1'), 1, message, Severity::Low, {message, message}, {"s"}, 1, 1, ""}}));
  }
  expect_same(
      result_with({{std::string(40, '1'), 1, std::string("nul\0inside", 10), Severity::Low, {}, {}, 1, 1, ""}}));
}

}  // namespace
}  // namespace cadence::analysis::git
