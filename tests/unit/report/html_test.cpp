#include <gtest/gtest.h>

#include "base/text.hpp"
#include "net/pki.hpp"
#include "report/html.hpp"
#include "sample.hpp"

namespace cadence::report {
namespace {

std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++count;
  return count;
}

TEST(Html, PolicyNamesItsOwnStyleAndScript) {
  EXPECT_EQ(kStyleHash, "sha256-" + base::to_base64(net::sha256(kStyle)));
  EXPECT_EQ(kScriptHash, "sha256-" + base::to_base64(net::sha256(kScript)));
}

TEST(Html, StrangersWriteNoMarkup) {
  for (const auto& report : {git_sample(), web_sample()}) {
    const auto page = render_html(report);
    EXPECT_EQ(occurrences(page, "<script"), 1U);
    EXPECT_EQ(occurrences(page, "</table>"), report.git() != nullptr ? 1U : 0U);
    EXPECT_EQ(occurrences(page, "<img"), 0U);
    EXPECT_EQ(occurrences(page, "<!--"), 0U);
    EXPECT_EQ(page.find('\x1b'), std::string::npos);
    EXPECT_EQ(page.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_EQ(occurrences(page, " style="), 0U);  // the policy forbids them
    EXPECT_EQ(occurrences(page, " onclick="), 0U);
    EXPECT_EQ(occurrences(page, "src="), report.git() != nullptr ? 0U : 1U);  // the text of a hostile example
  }
}

TEST(Html, EscapesWhateverComes) {
  EXPECT_EQ(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  EXPECT_EQ(escape("\xff\x01\xe2\x80\xae"), "\xef\xbf\xbd[U+0001][U+202E]");
}

TEST(Html, RowsAreTheWeightiest) {
  const auto report = git_sample();
  EXPECT_EQ(occurrences(render_html(report), "<tr data-severity="), std::size(kHostileMessages));
  const auto few = render_html(report, 2);
  EXPECT_EQ(occurrences(few, "<tr data-severity="), 2U);
  EXPECT_NE(few.find("The weightiest 2 of 11 are listed"), std::string::npos);
  EXPECT_NE(few.find("&lt;script&gt;alert(1)"), std::string::npos);
}

TEST(Html, SizeDoesNotFollowTheHistory) {
  Report report = git_sample();
  auto& found = std::get<analysis::git::AnalysisResult>(report.found);
  found.sizes.clear();
  found.suspicions.clear();
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    found.sizes.push_back(
        {i, i % 2 == 0, 1'000'000'000 + 5000LL * i + (i % 7919), static_cast<std::int64_t>(i) * i % 100'000, i % 500});
    if (i % 2 == 0)
      found.suspicions.push_back(
          {std::string(40, 'b'), i, std::string(20'000, '<'), {}, {"r"}, {"size_analysis"}, 6.7, 0.6, "structural"});
  }
  const auto page = render_html(report, 100);
  EXPECT_LT(page.size(), 3'000'000U);
  EXPECT_EQ(occurrences(page, "<tr data-severity="), 100U);
  EXPECT_LT(render_text(report, {}).size(), 20'000U);
}

TEST(Html, EmptyResultsHaveAPageToo) {
  Report report;
  report.source = "/srv/empty";
  EXPECT_NE(render_html(report).find("No commit was flagged"), std::string::npos);
  report.found = analysis::web::WebResult{};
  EXPECT_NE(render_html(report).find("Patterns found"), std::string::npos);
}

}  // namespace
}  // namespace cadence::report
