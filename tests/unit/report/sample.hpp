// Reports whose messages, names and pages are written by somebody who wants out of the text.
#pragma once

#include "report/report.hpp"

namespace cadence::report {

inline const std::string kHostileMessages[] = {
    "<script>alert(1)</script>\n\nbody </td></tr></table> & \"quotes\" 'single'\n",
    "turned \xe2\x80\xae"
    "gnp.exe\n",
    "broken \xff\xc3( utf-8\n",
    "\x1b]0;title\x07\x1b[31mred\n",
    "  leading spaces\n - list: item\n\ttab\r\nwindows\n\n",
    "",
    "\n\n\n",
    "null\n",
    "wide \xe6\xbc\xa2\xe5\xad\x97 and \xf0\x9f\x98\x80\n",
    "line\xe2\x80\xa8separator \xef\xbb\xbf bom\n",
    "--> <!-- ]]> {{x}} ${y} %s\n",
};

inline base::Wall moment(std::int64_t seconds) { return base::Wall(std::chrono::seconds(seconds)); }

inline Report git_sample() {
  analysis::git::AnalysisResult found;
  found.total_commits = found.items_analyzed = 400;
  found.tip = std::string(40, 'a');
  found.velocity = "12 additions/min";
  found.time_span = "9 days";
  found.unique_authors = 3;
  found.average_commit_size = 88;
  found.started_at = moment(1772618403);
  found.completed_at = moment(1772618404);
  const std::int64_t begin = 1771000000;
  for (std::uint32_t i = 0; i < 399; ++i)
    found.sizes.push_back({i, i < std::size(kHostileMessages), begin - 7000 * i, (i * 37) % 900, (i * 11) % 120});
  std::int64_t index = 0;
  for (const auto& message : kHostileMessages) {
    const auto severity = index == 0  ? analysis::git::Severity::High
                          : index < 3 ? analysis::git::Severity::Medium
                                      : analysis::git::Severity::Low;
    std::string hash = std::string(36, static_cast<char>('0' + index % 10)) + "beef";
    found.suspicions.push_back({hash,
                                index,
                                message,
                                severity,
                                {"612 lines added, limit 500", "49.0 s after the commit before it, limit 60 s"},
                                {"size_analysis", "timing_analysis"},
                                100.0 * static_cast<double>(11 - index) / 15,
                                0.6,
                                "structural"});
    ++index;
  }
  found.items_flagged = index;
  found.overall_suspicion = static_cast<double>(index) / 4;
  return {"https://git.example/potters/<kiln>.git", "<kiln>",         "trunk",
          "corrected profile, sorted quartiles",    std::move(found), std::nullopt};
}

inline Report web_sample() {
  analysis::web::WebResult found;
  found.suspicion_rate = 0.7;
  found.confidence_score = 70;
  found.quality_score = 0.3;
  found.assessment = "Likely AI-Generated";
  found.web_patterns.push_back(
      {"overused_phrases", 1, "2 overused phrases <b>", {"in conclusion", "<img src=x onerror=alert(1)>"}, false});
  found.web_patterns.push_back({"generic_language", 0.4, "generic words", {}, false});
  found.passed_patterns.push_back({"emoji_overuse", 0, "No issues detected", {}, true});
  found.word_count = found.items_analyzed = 1234;
  found.character_count = 7890;
  found.headings = {"Welcome", "</li></ol><script>1</script>"};
  found.items_flagged = 2;
  found.strategies_used = 20;
  found.started_at = moment(1772618403);
  found.completed_at = moment(1772618404);
  opinion::Opinion opinion;
  opinion.model = "small-model";
  opinion.view = opinion::View::Unclear;
  opinion.confidence = 0.5;
  opinion.summary = "Could be <i>either</i>.";
  opinion.asked_about = 2;
  return {"https://potters.example/", "", "", "corrected profile", std::move(found), std::move(opinion)};
}

}  // namespace cadence::report
