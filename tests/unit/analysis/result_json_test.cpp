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

// A report is drawn from what was stored, perhaps by another version.
TEST(ResultFromJson, IsWhatWasWritten) {
  auto result = result_with({{std::string(40, '1'),
                              7,
                              "two\nlines\n",
                              Severity::Medium,
                              {"612 lines added, limit 500", "49.0 s after the commit before it"},
                              {"size_analysis", "timing_analysis"},
                              6.666666666666667,
                              0.6,
                              "structural"},
                             {std::string(40, '2'), 0, "", Severity::High, {}, {}, 100, 1, ""}});
  result.velocity = "0.4 additions/min";
  result.unique_authors = 2;
  result.average_commit_size = 88;
  result.items_analyzed = 40;
  result.items_flagged = result.strategies_used = result.strategies_hit = 1;
  result.average_score = 0.0625;
  result.coverage_rate = 0.025;
  result.started_at = base::Wall(std::chrono::microseconds(1772618403250000));
  result.completed_at = base::Wall(std::chrono::microseconds(1772618404000000));
  EXPECT_EQ(from_json(to_json(result)), result);
  EXPECT_EQ(from_json(to_json(AnalysisResult{})), AnalysisResult{});
}

TEST(ResultFromJson, TakesNothingOfAnotherShape) {
  for (const char* text :
       {"null", "[]", "\"x\"", "{}", R"({"total_commits":"4","overall_suspicion":"x","velocity":1,"suspicions":{}})",
        R"({"suspicions":[],"unique_authors":-0.5,"started_at":"yesterday","overall_suspicion":null})"})
    EXPECT_EQ(from_json(*json::parse(text)), AnalysisResult{}) << text;
  const auto odd = from_json(*json::parse(
      R"({"suspicions":[7,{"severity":"fatal","reasons":[1,"a"],"triggered":["size_analysis","of later"]}]})"));
  ASSERT_EQ(odd.suspicions.size(), 2U);
  EXPECT_EQ(odd.suspicions[1].severity, Severity::Low);
  EXPECT_EQ(odd.suspicions[1].reasons, std::vector<std::string>{"a"});
  EXPECT_TRUE(odd.suspicions[1].strategies.empty()) << "no reason gets the name of another strategy";
}

}  // namespace
}  // namespace cadence::analysis::git
