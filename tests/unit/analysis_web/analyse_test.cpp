// Sections 3, 5, 6, 7 and 8 of the specification: the whole judgement of a page, in both profiles, and its JSON.
#include "analysis/web/analyse.hpp"

#include <gtest/gtest.h>

#include "analysis/web/result_json.hpp"
#include "facts.hpp"

namespace cadence::analysis::web {
namespace {

const std::string kRain =
    "Rain fell on the old mill for nine days and the river rose until the lower field was under brown water. Nobody "
    "slept much. My uncle "
    "kept a lamp in the window and counted the planks that floated by. On the tenth morning we found a goat standing "
    "on the roof of the hen "
    "house, quite calm, eating moss.";
const std::string kRobust =
    kRain +
    " In conclusion, moving forward we will utilize various robust tools and ensure the river stays where it is.";

WebResult judge_page(const std::string& html, Profile profile, const StrategySwitches& switches = {}) {
  auto page = read_page(html);
  EXPECT_TRUE(page);
  return analyse(*page, {profile, switches});
}
std::string paragraph(const std::string& text, const std::string& head = "") {
  return "<html>" + head + "<body><p>" + text + "</p>";
}

std::vector<std::string> types_of(const std::vector<Pattern>& patterns) {
  std::vector<std::string> types;
  for (const Pattern& pattern : patterns) types.push_back(pattern.type);
  return types;
}

TEST(WebAnalysis, ExampleA) {
  const WebResult result = judge_page(paragraph(kRain), Profile::Upstream);
  EXPECT_EQ(types_of(result.web_patterns), (std::vector<std::string>{"accessibility_markers"}));
  EXPECT_EQ(result.suspicion_rate, 0.7);
  EXPECT_EQ(result.confidence_score, 70);
  EXPECT_EQ(result.quality_score, 0.30000000000000004);
  EXPECT_EQ(result.assessment, "Likely AI-Generated");
  EXPECT_EQ(result.pattern_count(), 1);
  EXPECT_EQ(result.passed_patterns.size(), 19U);
  EXPECT_EQ(result.word_count, 59);
  EXPECT_EQ(result.strategies_used, 20);
}

TEST(WebAnalysis, ExampleB) {
  const WebResult result = judge_page(paragraph(kRobust), Profile::Upstream);
  EXPECT_EQ(types_of(result.web_patterns),
            (std::vector<std::string>{"overused_phrases", "generic_language", "accessibility_markers"}));
  EXPECT_EQ(result.web_patterns[0].severity, 1);
  EXPECT_EQ(result.web_patterns[1].severity, 1);
  EXPECT_EQ(result.web_patterns[1].examples, (std::vector<std::string>{"various", "ensure", "utilize", "robust"}));
  EXPECT_DOUBLE_EQ(result.suspicion_rate, 0.9);
  EXPECT_EQ(result.confidence_score, 90);
  EXPECT_DOUBLE_EQ(result.coverage_rate, 3.0 / 77);
}

TEST(WebAnalysis, D7TheMeanAndItsWord) {
  // 12 by ten hyphens at 0.7, 15 by a single hint at 0.5.
  const std::string page = "<html lang=\"en\"><p>" + kRain + " a-b-c-d-e-f-g-h-i-j-k</p>";
  const WebResult result = judge_page(page, Profile::Corrected);
  EXPECT_DOUBLE_EQ(result.suspicion_rate, 0.6) << "W-03: a plain mean";
  EXPECT_EQ(result.assessment, "Suspicious Activity");
  EXPECT_EQ(severity_word(result.web_patterns[0]), "high");
  EXPECT_EQ(severity_word(result.web_patterns[1]), "medium");
  EXPECT_EQ(severity_word(result.passed_patterns[0]), "none");
  EXPECT_EQ(severity_word({"", 0.375, "", {}, false}), "low") << "D4";
}

TEST(WebAnalysis, D8TooShort) {
  for (const Profile profile : {Profile::Corrected, Profile::Upstream}) {
    const WebResult result = judge_page("<h1>Mill</h1>" + paragraph(filler(48)), profile);
    EXPECT_TRUE(result.is_too_short);
    EXPECT_EQ(result.assessment, "Content too short for reliable analysis");
    EXPECT_TRUE(result.web_patterns.empty() && result.passed_patterns.empty());
    EXPECT_EQ(result.word_count, 48) << "of the main part, where a heading this short does not count";
    EXPECT_EQ(result.headings, (std::vector<std::string>{"Mill"}));
    const auto json = to_json(result);
    for (const char* absent :
         {"suspicion_rate", "confidence_score", "pattern_count", "web_patterns", "passed_patterns", "quality_score"}) {
      EXPECT_FALSE(json.contains(absent)) << absent;
    }
    EXPECT_FALSE(judge_page(paragraph(filler(50)), profile).is_too_short);
  }
}

TEST(WebQuirk, W01MarkupStrategiesGetTheMarkupWhenCorrected) {
  const std::string images = paragraph(kRain + "<img src=a><img src=b>");
  EXPECT_EQ(types_of(judge_page(images, Profile::Upstream).web_patterns),
            (std::vector<std::string>{"accessibility_markers"}));
  EXPECT_EQ(types_of(judge_page(images, Profile::Corrected).web_patterns),
            (std::vector<std::string>{"missing_alt_text", "accessibility_markers"}));
  const std::string shown = paragraph(kRain + "&lt;img src=a&gt;");
  EXPECT_EQ(types_of(judge_page(shown, Profile::Upstream).web_patterns),
            (std::vector<std::string>{"missing_alt_text", "accessibility_markers"}))
      << "markup shown as text";
  EXPECT_TRUE(judge_page(shown, Profile::Corrected).web_patterns.empty());
}

TEST(WebQuirk, W02MissingHintsAloneAreNoFindingWhenCorrected) {
  const WebResult result = judge_page(paragraph(kRain), Profile::Corrected);
  EXPECT_TRUE(result.web_patterns.empty());
  EXPECT_EQ(result.passed_patterns.size(), 20U);
  EXPECT_EQ(result.passed_patterns[14].type, "accessibility_markers") << "in its place";
  EXPECT_EQ(result.assessment, "Likely Human-Written");
  EXPECT_EQ(result.quality_score, 1);
  // Beside another finding it stands.
  EXPECT_EQ(types_of(judge_page(paragraph(kRobust), Profile::Corrected).web_patterns),
            (std::vector<std::string>{"overused_phrases", "generic_language", "accessibility_markers"}));
  const std::string hinted = "<html lang=\"en\"><main role=\"main\"><p>" + kRobust + "</p>";
  EXPECT_EQ(types_of(judge_page(hinted, Profile::Corrected).web_patterns),
            (std::vector<std::string>{"overused_phrases", "generic_language"}));
  EXPECT_EQ(judge_page(hinted, Profile::Upstream).pattern_count(), 3);
}

TEST(WebQuirk, W06TheShownCountIsOfTheMainPart) {
  const WebResult result = judge_page("<main><p>sixteen byte text</p></main>" + paragraph(kRain), Profile::Corrected);
  EXPECT_EQ(result.word_count, 3);
  EXPECT_FALSE(result.is_too_short);
  EXPECT_EQ(result.items_analyzed, 3);
}

TEST(WebQuirk, W08MarkersOfHtmlListsAreNotText) {
  const std::string items = repeat("<li>a</li>", 20);
  EXPECT_TRUE(judge_page(paragraph(filler(120)) + "<ul>" + items + "</ul>", Profile::Upstream).web_patterns.size() ==
              1);
  const std::string bullets = repeat("<li>- a</li>", 9);
  EXPECT_EQ(
      types_of(judge_page(paragraph(filler(120)) + "<ul>" + bullets + "</ul>", Profile::Upstream).web_patterns)[0],
      "excessive_structure");
}

TEST(WebAnalysis, SwitchesAreByNameAndStrategiesThatAreOffAreNotListed) {
  StrategySwitches switches;
  EXPECT_TRUE(switches.set("overused_phrases", false));
  EXPECT_TRUE(switches.set("ai_vocabulary", false));
  EXPECT_TRUE(switches.set("ai_vocabulary", true));
  EXPECT_FALSE(switches.set("size_analysis", false));
  const WebResult result = judge_page(paragraph(kRobust), Profile::Upstream, switches);
  EXPECT_EQ(types_of(result.web_patterns), (std::vector<std::string>{"generic_language", "accessibility_markers"}));
  EXPECT_EQ(result.passed_patterns.size(), 17U);
  EXPECT_EQ(result.strategies_used, 19);
}

TEST(WebAnalysis, SeverityIsCapped) {
  const WebResult result = judge_page(paragraph(kRain + repeat(" synergy", 30)), Profile::Upstream);
  EXPECT_EQ(result.web_patterns[0].severity, 1);
  EXPECT_LE(result.suspicion_rate, 1);
}

TEST(WebAnalysis, JsonHasTheNamesOfTheSpecification) {
  WebResult result = judge_page("<h1>A heading</h1>" + paragraph(kRobust), Profile::Upstream);
  result.url = "mill.example";
  result.started_at = base::parse_rfc3339("2026-03-04T10:00:01Z");
  result.completed_at = result.started_at + std::chrono::milliseconds(1500);
  const auto json = to_json(result);
  EXPECT_EQ(json["url"], "mill.example");
  EXPECT_EQ(json["duration_ms"], 1500);
  EXPECT_EQ(json["analyzed_at"], json["started_at"]);
  EXPECT_EQ(json["heading_count"], 1);
  EXPECT_EQ(json["overall_suspicion"], json["confidence_score"]);
  EXPECT_EQ(json["average_score"], json["suspicion_rate"]);
  EXPECT_EQ(json["strategies_used"], 20);
  EXPECT_EQ(json["strategies_hit"], json["pattern_count"]);
  EXPECT_EQ(json["items_flagged"], 3);
  EXPECT_EQ(json["items_analyzed"], json["word_count"]);
  EXPECT_EQ(from_json(json), result) << "a report is drawn from what was stored";
  EXPECT_EQ(from_json({}).web_patterns.size(), 0U);
  const auto& fired = json["web_patterns"][0];
  EXPECT_EQ(fired["type"], "overused_phrases");
  EXPECT_EQ(fired["passed"], false);
  EXPECT_FALSE(fired["examples"].empty());
  const auto& passed = json["passed_patterns"][0];
  EXPECT_EQ(passed["severity"], 0);
  EXPECT_EQ(passed["passed"], true);
  EXPECT_EQ(passed["description"], "No issues detected");
  EXPECT_FALSE(passed.contains("examples"));
}

}  // namespace
}  // namespace cadence::analysis::web
