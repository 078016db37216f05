// One job: how it stands, what it was about, its report.
#include "analysis/git/result_json.hpp"
#include "analysis/source/guard/url.hpp"
#include "analysis/web/result_json.hpp"
#include "json/members.hpp"
#include "net/http.hpp"
#include "pages/frame.hpp"
#include "pages/words.hpp"
#include "report/figures.hpp"
#include "report/html.hpp"
#include "report/visible.hpp"

namespace cadence::pages {
namespace {

using queue::Job;
using queue::JobStatus;

// Of a page, which has words where a repository has commits.
bool is_of_a_page(const Job& job) { return job.spec.event_type == "api_analysis_website"; }

std::optional<report::Report> report_of(const Job& job) {
  if (job.status != JobStatus::Completed || !job.result) return std::nullopt;
  const auto document = json::parse(*job.result);
  if (!document || !document->is_object()) return std::nullopt;
  report::Report report;
  report.source = analysis::source::without_credentials(job.spec.url);
  report.name = name_of(job.spec);
  report.branch = job.spec.branch;
  report.rules = "Job " + job.id;
  if (is_of_a_page(job)) report.found = analysis::web::from_json(*document);
  else report.found = analysis::git::from_json(*document);
  return report;
}

Markup fact(const Markup& name, const Markup& value) {
  return value.is_empty() ? value : "<div><dt>" + name + "</dt><dd>" + value + "</dd></div>\n";
}

Markup code(const std::string& value) { return value.empty() ? Markup() : "<code>" + text(value) + "</code>"; }

Markup words(const std::string& stranger) { return stranger.empty() ? Markup() : words_of(stranger, kNameColumns); }

std::string took_of(const Job& job) {
  return report::took_of(
      std::chrono::duration_cast<std::chrono::milliseconds>(job.updated_at - job.created_at).count());
}

Markup facts(const Job& job) {
  const bool is_over = job.status == JobStatus::Completed || job.status == JobStatus::Failed;
  Markup out = "<dl class=\"facts\">\n" + fact("Source", words(analysis::source::without_credentials(job.spec.url))) +
               fact("Branch", words(job.spec.branch)) + fact("Commit", code(job.spec.commit)) +
               fact("Author", words(job.spec.author)) + fact("Delivery", text(origin_of(job.spec.event_type))) +
               fact("Received", moment(job.created_at));
  if (is_over) out += fact("Finished", moment(job.updated_at) + ", " + text(took_of(job)) + " later");
  if (job.attempts > 1) out += fact("Attempts", text(std::to_string(job.attempts)));
  return out + fact("Server", words(job.replica)) + fact("Job", code(job.id)) + "</dl>\n";
}

Markup state_of(const Job& job) {
  Markup out = "<p class=\"standing\" id=\"standing\" role=\"status\">" + state_badge(job.status) + " ";
  switch (job.status) {
    case JobStatus::Pending:
      return out + "It waits for its turn.</p>\n";
    case JobStatus::Processing:
      return out + "It is being worked on" + when(!job.progress.empty(), ": " + words_of(job.progress, 40)) + ".</p>\n";
    case JobStatus::Completed:
      return out + "</p>\n";
    case JobStatus::Failed: {
      const auto trouble = trouble_of(job.error);
      return out + "<strong>" + text(trouble.title) + ".</strong> " + text(trouble.advice) + "</p>\n" +
             "<blockquote><bdi>" + text(job.error) + "</bdi></blockquote>\n";
    }
  }
  return out;
}

Markup ways(const Setting& setting, const Job& job, bool has_report) {
  Markup out;
  const auto key = history_key(job.spec);
  if (!setting.is_by_link && !key.empty())
    out +=
        "<a href=\"" + way_to(setting, "repositories?name=" + net::percent_encode(key)) + "\">Verdicts over time</a>\n";
  if (has_report)
    out +=
        "<a href=\"" +
        way_to(setting, "jobs/" + job.id + "/report" + (setting.link_query.empty() ? "" : "?" + setting.link_query)) +
        "\">The report by itself</a>\n";
  return out.is_empty() ? out : "<p class=\"ways\">" + out + "</p>\n";
}

}  // namespace

std::string job_page(const Setting& setting, const Job& job) {
  const auto found = report_of(job);
  const bool is_over = job.status == JobStatus::Completed || job.status == JobStatus::Failed;
  Markup main = "<div class=\"heading\" id=\"job\" data-state=\"" + text(queue::to_string(job.status)) +
                "\">\n<div><h1>" + words_of(name_of(job.spec), kNameColumns) + "</h1>\n" + state_of(job) + "</div>\n" +
                ways(setting, job, found.has_value()) + "</div>\n";
  if (found) {
    const auto verdict = report::verdict_of(*found);
    main += Markup::from_report(found->git() != nullptr ? report::git_body(*found, verdict, 1000)
                                                        : report::web_body(*found, verdict));
  }
  main += "<section aria-labelledby=\"facts-title\">\n<h2 id=\"facts-title\">About this job</h2>\n" + facts(job) +
          "</section>\n";
  const auto title = report::cut(report::visible_line(name_of(job.spec)), 80) + ", " + state_word(job.status);
  return framed(setting, {title, Place::Elsewhere, !is_over}, main);
}

std::string report_page(const Job& job) {
  const auto found = report_of(job);
  return found ? report::render_html(*found) : std::string();
}

}  // namespace cadence::pages
