// Section 4.3 of the specification: strategies 13 to 20 on markup, whatever the profile took it from.
#include <gtest/gtest.h>

#include "facts.hpp"

namespace cadence::analysis::web {
namespace {

struct Row {
  const char* rule;
  const char* strategy;
  std::string markup;
  double severity;  // 0: silent
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_DOUBLE_EQ(severity_in_markup(row.strategy, row.markup), row.severity) << row.rule;
}

TEST(WebStrategy13, MissingAltText) {
  check({{"no image", "missing_alt_text", "<p>", 0},
         {"described", "missing_alt_text", "<img src=a alt=\"a cat\"><img alt='a dog'>", 0},
         {"without alt", "missing_alt_text", "<img src=a><img src=b alt=\"x\">", 0.5},
         {"blank alt", "missing_alt_text", "<img alt=\"\"><img alt=' \t'><img alt=x>", 2.0 / 3},
         {"alt in any case", "missing_alt_text", "<img ALT=\"\">", 0},
         {"the tag only in lower case", "missing_alt_text", "<IMG src=a>", 0},
         {"over line ends", "missing_alt_text", "<img\nsrc=a\n>", 1},
         {"never closed", "missing_alt_text", "<img src=a", 0}});
}

TEST(WebStrategy14, SemanticHtmlIssues) {
  check({{"no div", "semantic_html_issues", "<p><main>", 0},
         {"only div", "semantic_html_issues", "<DIV>", 0.75},
         {"7 of 10 are not above", "semantic_html_issues", repeat("<div>", 7) + "<nav><header><main>", 0},
         {"8 of 11", "semantic_html_issues", repeat("<div>", 8) + "<nav><header><main>", 0.75},
         {"3 containers", "semantic_html_issues", repeat("<div class=\"container\"><section><aside>", 3), 0.6},
         {"2 containers", "semantic_html_issues", repeat("<div class=\"container\"><section><aside>", 2), 0}});
}

TEST(WebStrategy15, AccessibilityMarkers) {
  check({{"none", "accessibility_markers", "<p>", 0.7},
         {"one", "accessibility_markers", "<html LANG=\"en\" lang=\"en\">", 0.5},
         {"two", "accessibility_markers", "<html lang=\"en\"><p aria-hidden=true>", 0},
         {"unquoted role is none", "accessibility_markers", "<p role=main>", 0.7}});
}

TEST(WebStrategy16, HeadingHierarchyIssues) {
  check({{"in order", "heading_hierarchy_issues", "<h1><h2><h3><h2><h1><h2>", 0},
         {"begins with h2", "heading_hierarchy_issues", "<h2><h2>", 0.65},
         {"skips", "heading_hierarchy_issues", "<h1><H3>", 0.65},
         {"one heading", "heading_hierarchy_issues", "<h2>", 0},
         {"no headings", "heading_hierarchy_issues", "<html><head><header><hr><h7>", 0}});
  EXPECT_NE(judge_text("heading_hierarchy_issues", "", "<h2><h4><h1><h3>")->description.find("3"), std::string::npos);
}

TEST(WebStrategy17, HardcodedValues) {
  const std::string style = "<p style=\"top:1;width:2\">";
  check({{"none", "hardcoded_values", "<p>", 0},
         {"three styles", "hardcoded_values", repeat(style, 3), 0},
         {"four styles", "hardcoded_values", repeat(style, 4), 1.0 / 3},
         {"other properties", "hardcoded_values", repeat("<p style=\"margin:1\">", 9), 0},
         {"ten sizes", "hardcoded_values", repeat("1px ", 10), 0},
         {"eleven sizes", "hardcoded_values", repeat("12px;", 11), 1.0 / 3},
         {"whole words", "hardcoded_values", repeat("a1px 2pxx 3 px", 11), 0},
         {"background-color counts twice", "hardcoded_values", repeat("background-color:", 3), 1.0 / 3},
         {"five colors", "hardcoded_values", repeat("color:", 5), 0},
         {"all three", "hardcoded_values", repeat("<p style=\"color:red;width:3px\">", 11), 1}});
  EXPECT_NE(judge_text("hardcoded_values", "", repeat("<p style=\"color:red;width:3px\">", 11))->description.find("6"),
            std::string::npos);
}

TEST(WebStrategy18, FormIssues) {
  const std::string good = "<input aria-label=x type=\"text\" name=\"a\">";
  check({{"no input", "form_issues", "<form>", 0},
         {"good ones", "form_issues", good + "<INPUT PLACEHOLDER=x TYPE=\"a\" NAME=\"b\">", 0},
         {"half without a label", "form_issues", good + "<input type=\"text\" name=\"a\">", 0},
         {"more than half", "form_issues", "<input type=\"text\" name=\"a\">", 0.7},
         {"one without a type", "form_issues", good + "<input label name=\"a\">", 0.7},
         {"unquoted is without", "form_issues", good + "<input label type=text name=\"a\">", 0.7}});
  EXPECT_EQ(judge_text("form_issues", "", "<input>" + good)->examples.size(), 2U);
}

TEST(WebStrategy19, LinkTextQuality) {
  check({{"none", "link_text_quality", "<a href=x>the mill</a>", 0},
         {"one of two", "link_text_quality", "<a href=x>the mill</a> <A HREF=y> Read More. </A>", 0.4},
         {"inner tags", "link_text_quality", "<a href=x><b>here</b></a>", 0},
         {"no href", "link_text_quality", "<a name=x>here</a>", 0},
         {"two stops", "link_text_quality", "<a href=x>here..</a>", 0},
         {"each of the words", "link_text_quality",
          "<a href=x>click here</a><a href=x>learn more</a><a href=x>more</a><a href=x>link</a><a href=x>here</a>"
          "<a href=x>this</a><a href=x>go</a><a href=x>next</a>",
          0.8}});
}

TEST(WebStrategy20, GenericStyling) {
  const std::string colors = repeat("color:black;color:#fff;", 3);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", "<p>", filler(500)), 0);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", "<p>", filler(501)), 0.5) << "W-09";
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", "slightly", filler(501)), 0) << "W-09: light within a word";
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", "@media", filler(501)), 0);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", colors), 0.5);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", "css" + colors), 0);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", colors + repeat("style=\"", 6), filler(501)), 1);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", repeat("class=", 11) + repeat("style=\"", 6)), 0);
  EXPECT_DOUBLE_EQ(severity_in_markup("generic_styling", repeat("class=", 10) + repeat("style=\"", 6)), 0.5);
}

}  // namespace
}  // namespace cadence::analysis::web
