// A web page's part of the page: verdict, figures, the patterns that fired and passed, the headings.
#include <algorithm>

#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/visible.hpp"

namespace cadence::report {
namespace {

using analysis::web::Pattern;
using analysis::web::WebResult;

constexpr std::size_t kMostHeadings = 500;
constexpr std::size_t kMostExamples = 50;
constexpr std::size_t kTextColumns = 300;

std::string figure(const std::string& name, const std::string& value) {
  return "<div><dt>" + name + "</dt><dd>" + escape(value) + "</dd></div>\n";
}

std::string summary(const WebResult& found, const Verdict& verdict) {
  std::string out = "<section class=\"verdict\" aria-labelledby=\"verdict-title\">\n" + dial(verdict.suspicious_share) +
                    "<div>\n<h2 id=\"verdict-title\">" + escape(verdict.assessment) + "</h2>\n<p>" +
                    std::to_string(found.pattern_count()) + " of " + std::to_string(found.strategies_used) +
                    " patterns were found.</p>\n</div>\n</section>\n<dl class=\"figures\">\n";
  out += figure("Words", grouped(found.word_count)) + figure("Characters", grouped(found.character_count)) +
         figure("Headings", grouped(static_cast<std::int64_t>(found.headings.size()))) +
         figure("Quality", decimal(found.quality_score, 2));
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(found.completed_at - found.started_at).count();
  return out + figure("Analysis took", took_of(took)) + "</dl>\n";
}

std::string card(const Pattern& pattern) {
  const std::string severity(analysis::web::severity_word(pattern));
  std::string out = "<li class=\"card\" data-severity=\"" + severity + "\"><h3>" + escape(pattern.type) +
                    " <span class=\"badge " + severity + "\">" + severity + " " + decimal(pattern.severity, 2) +
                    "</span></h3><p>" + escape(cut(visible_line(pattern.description), kTextColumns)) + "</p>";
  if (!pattern.examples.empty()) {
    out += "<ul>";
    const auto shown = std::min(pattern.examples.size(), kMostExamples);
    for (std::size_t i = 0; i < shown; ++i)
      out += "<li><bdi>" + escape(cut(visible_line(pattern.examples[i]), kTextColumns)) + "</bdi></li>";
    out += "</ul>";
  }
  return out + "</li>\n";
}

std::string headings(const WebResult& found) {
  if (found.headings.empty()) return {};
  std::string out =
      "<section aria-labelledby=\"headings-title\">\n<h2 id=\"headings-title\">Headings</h2>\n<ol "
      "class=\"headings\">\n";
  const auto shown = std::min(found.headings.size(), kMostHeadings);
  for (std::size_t i = 0; i < shown; ++i)
    out += "<li><bdi>" + escape(cut(visible_line(found.headings[i]), kTextColumns)) + "</bdi></li>\n";
  out += "</ol>\n";
  if (shown < found.headings.size())
    out += "<p class=\"note\">" + grouped(static_cast<std::int64_t>(found.headings.size() - shown)) + " more.</p>\n";
  return out + "</section>\n";
}

}  // namespace

std::string web_body(const Report& report, const Verdict& verdict) {
  const auto& found = *report.web();
  auto out = summary(found, verdict) +
             "<section aria-labelledby=\"found-title\">\n<h2 id=\"found-title\">Patterns found</h2>\n";
  if (found.web_patterns.empty())
    out += found.is_too_short ? "<p>The page is too short to be judged.</p>\n" : "<p>None.</p>\n";
  else out += "<ul class=\"cards\">\n";
  for (const auto& pattern : found.web_patterns) out += card(pattern);
  if (!found.web_patterns.empty()) out += "</ul>\n";
  out += "</section>\n";
  if (!found.passed_patterns.empty()) {
    out +=
        "<section aria-labelledby=\"passed-title\">\n<h2 id=\"passed-title\">Patterns not found</h2>\n<ul "
        "class=\"passed\">\n";
    for (const auto& pattern : found.passed_patterns) out += "<li>" + escape(pattern.type) + "</li>\n";
    out += "</ul>\n</section>\n";
  }
  return out + headings(found);
}

}  // namespace cadence::report
