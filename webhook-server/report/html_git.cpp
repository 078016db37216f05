// A repository's part of the page: verdict, figures, plots, and the table of flagged commits.
#include <unordered_map>

#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/visible.hpp"

namespace cadence::report {
namespace {

using analysis::git::AnalysisResult;
using analysis::git::CommitSize;
using analysis::git::Suspicion;

constexpr std::size_t kSubjectColumns = 100;
constexpr std::size_t kMessageBytes = 4096;

std::string count(std::size_t number) { return grouped(static_cast<std::int64_t>(number)); }

std::string figure(const std::string& name, const std::string& value) {
  return "<div><dt>" + name + "</dt><dd>" + escape(value) + "</dd></div>\n";
}

std::string figures(const AnalysisResult& found, const Verdict& verdict) {
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(found.completed_at - found.started_at).count();
  return "<dl class=\"figures\">\n" + figure("Commits", grouped(found.total_commits)) +
         figure("Flagged", count(found.suspicions.size())) +
         figure("Authors", grouped(found.unique_authors.value_or(0))) +
         figure("Time span", found.time_span.value_or("none")) +
         figure("Mean size", grouped(found.average_commit_size.value_or(0)) + " lines") +
         figure("Velocity", found.velocity.value_or("none")) +
         figure("Report score", decimal(verdict.weighted_score, 1) + " of 100") +
         figure("Analysis took", took_of(took)) + "</dl>\n";
}

std::string summary(const Report& report, const AnalysisResult& found, const Verdict& verdict) {
  return "<section class=\"verdict\" aria-labelledby=\"verdict-title\">\n" + dial(verdict.suspicious_share) +
         "<div>\n<h2 id=\"verdict-title\">" + escape(verdict.assessment) + "</h2>\n<p>" +
         count(found.suspicions.size()) + " of " + grouped(found.total_commits) + " commits were flagged, " +
         count(verdict.high) + " of them high, " + count(verdict.medium) + " medium and " + count(verdict.low) +
         " low.</p>\n<p class=\"note\">History of <code>" + escape(short_hash(found.tip)) + "</code>" +
         (report.branch.empty() ? "" : ", branch <bdi>" + escape(visible_line(report.branch)) + "</bdi>") +
         "</p>\n</div>\n</section>\n" + figures(found, verdict);
}

std::string plots(const AnalysisResult& found, std::size_t rows) {
  if (found.sizes.empty()) return {};
  return "<section aria-labelledby=\"plots-title\">\n<h2 id=\"plots-title\">Size and time</h2>\n" +
         size_plot(found, rows) + activity_plot(found) + "</section>\n";
}

// A filter is a button, so that a keyboard reaches it; without a script there are none, and every row is shown.
std::string filters(const Verdict& verdict) {
  const auto button = [](const char* severity, const char* name, std::size_t number) {
    return std::string("<button type=\"button\" data-filter=\"") + severity + "\" aria-pressed=\"" +
           (*severity == 0 ? "true" : "false") + "\">" + name + " <span>" + count(number) + "</span></button>\n";
  };
  return "<div class=\"filters\" role=\"group\" aria-label=\"Filter by severity\" hidden>\n" +
         button("", "All", verdict.high + verdict.medium + verdict.low) + button("high", "High", verdict.high) +
         button("medium", "Medium", verdict.medium) + button("low", "Low", verdict.low) +
         "<label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\"></label>\n<output id=\"shown\" "
         "aria-live=\"polite\"></output>\n</div>\n";
}

std::string message_cell(const std::string& message) {
  const auto subject = visible_subject(message, kSubjectColumns);
  std::string out = "<bdi>" + escape(subject.empty() ? "(no message)" : subject) + "</bdi>";
  std::string_view whole = message;
  while (!whole.empty() && (whole.back() == '\n' || whole.back() == '\r' || whole.back() == ' '))
    whole.remove_suffix(1);
  if (visible(whole.substr(0, kMessageBytes)) == subject) return out;
  const bool is_long = whole.size() > kMessageBytes;
  return out + "<details><summary>whole message</summary><pre dir=\"auto\">" + escape(whole.substr(0, kMessageBytes)) +
         (is_long ? "\n… " + count(whole.size() - kMessageBytes) + " more bytes" : "") + "</pre></details>";
}

std::string reasons_cell(const Suspicion& one) {
  std::string out = "<ul>";
  for (std::size_t i = 0; i < one.reasons.size(); ++i)
    out += "<li>" + escape(one.reasons[i]) +
           (i < one.strategies.size() ? " <span class=\"strategy\">" + escape(one.strategies[i]) + "</span>" : "") +
           "</li>";
  return out + "</ul>";
}

std::string sorted_cell(const std::string& key, const std::string& content) {
  return "<td class=\"number\" data-sort=\"" + key + "\">" + content + "</td>";
}

std::string size_cells(const CommitSize* size) {
  if (size == nullptr) return sorted_cell("0", "") + sorted_cell("0", "");
  return sorted_cell(std::to_string(size->time), minute_of(size->time)) +
         sorted_cell(std::to_string(size->size()), "<span class=\"plus\">+" + grouped(size->additions) +
                                                       "</span> <span class=\"minus\">−" + grouped(size->deletions) +
                                                       "</span>");
}

std::string row(const Suspicion& one, const std::string& sizes) {
  const std::string severity(analysis::git::to_string(one.severity));
  const auto weight = static_cast<int>(one.severity);  // low, medium, high
  return "<tr data-severity=\"" + severity + "\">" +
         sorted_cell(std::to_string(weight), "<span class=\"badge " + severity + "\">" + severity + "</span>") +
         sorted_cell(decimal(one.score, 6), decimal(one.score, 1)) + "<td><code title=\"" + escape(one.commit_hash) +
         "\">" + escape(short_hash(one.commit_hash)) + "</code></td>" + sizes + "<td class=\"message\">" +
         message_cell(one.message) + "</td><td class=\"reasons\">" + reasons_cell(one) + "</td></tr>\n";
}

std::string table(const AnalysisResult& found, const Verdict& verdict, std::size_t rows) {
  const auto shown = weightiest(found, rows);
  if (shown.empty())
    return "<section aria-labelledby=\"commits-title\">\n<h2 id=\"commits-title\">Flagged commits</h2>\n<p>No commit "
           "was flagged.</p>\n</section>\n";
  std::unordered_map<std::int64_t, const CommitSize*> sizes;
  for (const auto& size : found.sizes) {
    if (size.is_flagged) sizes.emplace(size.index, &size);
  }
  std::string out = "<section aria-labelledby=\"commits-title\">\n<h2 id=\"commits-title\">Flagged commits</h2>\n";
  if (shown.size() < found.suspicions.size())
    out += "<p class=\"note\">The weightiest " + count(shown.size()) + " of " + count(found.suspicions.size()) +
           " are listed; the JSON has all.</p>\n";
  out += filters(verdict) +
         "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of flagged commits\">\n<table "
         "id=\"commits\">\n"
         "<caption class=\"hidden\">Flagged commits, the weightiest first</caption>\n<thead><tr>";
  // What was stored of a job has no sizes.
  const bool has_sizes = !found.sizes.empty();
  for (const std::string name : {"Severity", "Score", "Commit", "Time (UTC)", "Lines", "Message", "Reasons"})
    if (has_sizes || (name != "Time (UTC)" && name != "Lines")) out += "<th scope=\"col\">" + name + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const auto* one : shown) {
    const auto size = sizes.find(one->commit_index);
    out += row(*one, has_sizes ? size_cells(size == sizes.end() ? nullptr : size->second) : std::string());
  }
  return out + "</tbody>\n</table>\n</div>\n</section>\n";
}

}  // namespace

std::string git_body(const Report& report, const Verdict& verdict, std::size_t rows) {
  const auto& found = *report.git();
  return summary(report, found, verdict) + plots(found, rows) + strategy_plot(found) + table(found, verdict, rows);
}

}  // namespace cadence::report
