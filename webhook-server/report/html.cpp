#include "report/html.hpp"

#include "report/figures.hpp"
#include "report/visible.hpp"

namespace cadence::report {
namespace {

std::string head(const std::string& title) {
  // Nothing may be loaded, sent or framed; the one style sheet and the one script are known by their hashes.
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '" +
         std::string(kStyleHash) + "'; script-src '" + std::string(kScriptHash) +
         "'; base-uri 'none'; form-action 'none'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
         "content=\"light dark\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
         title + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n";
}

std::string view_words(opinion::View view) {
  switch (view) {
    case opinion::View::LikelyGenerated:
      return "likely generated";
    case opinion::View::Unclear:
      return "unclear";
    case opinion::View::LikelyHuman:
      return "likely human";
  }
  return "unclear";
}

}  // namespace

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : visible(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string opinion_section(const opinion::Opinion& opinion) {
  std::string out =
      "<section id=\"opinion\" aria-labelledby=\"opinion-title\">\n<h2 id=\"opinion-title\">Second opinion</h2>\n<p "
      "class=\"note\">" +
      (opinion.model.empty() ? "" : "Of the model <bdi>" + escape(opinion.model) + "</bdi>. ") +
      "It changes nothing above.</p>\n";
  if (!opinion.problem.empty())
    return out + "<p>There is none: <bdi>" + escape(opinion.problem) + "</bdi></p>\n</section>\n";
  out += "<p><strong>" + view_words(opinion.view) + "</strong>, confidence " + decimal(opinion.confidence * 100, 0) +
         " %, asked about " + std::to_string(opinion.asked_about) + "</p>\n<blockquote><bdi>" +
         escape(opinion.summary) + "</bdi></blockquote>\n";
  if (!opinion.commits.empty()) {
    out += "<ul>\n";
    for (const auto& one : opinion.commits)
      out += "<li><code>" + escape(short_hash(one.commit_hash)) + "</code> " + view_words(one.view) + ": <bdi>" +
             escape(one.reason) + "</bdi></li>\n";
    out += "</ul>\n";
  }
  return out + "</section>\n";
}

std::string render_html(const Report& report, std::size_t rows) {
  const auto verdict = verdict_of(report);
  const auto title = escape(cut(visible_line(report.name.empty() ? report.source : report.name), 120));
  auto page = head(title + " – Cadence") + "<body>\n<header>\n<p class=\"brand\">Cadence report</p>\n<h1><bdi>" +
              title + "</bdi></h1>\n<p class=\"source\"><bdi>" + escape(visible_line(report.source)) +
              "</bdi></p>\n</header>\n<main>\n";
  page += report.git() != nullptr ? git_body(report, verdict, rows) : web_body(report, verdict);
  if (report.opinion) page += opinion_section(*report.opinion);
  return page + "</main>\n<footer><p>" + escape(report.rules) + " · analysed " +
         escape(minute_of(
             std::chrono::duration_cast<std::chrono::seconds>(
                 (report.git() != nullptr ? report.git()->started_at : report.web()->started_at).time_since_epoch())
                 .count())) +
         " UTC · A finding is a reason to look, not a proof.</p></footer>\n<script>" + std::string(kScript) +
         "</script>\n</body>\n</html>\n";
}

}  // namespace cadence::report
