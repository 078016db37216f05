// The list of jobs: what runs, what is newest, filters, further pages.
#include <algorithm>

#include "net/http.hpp"
#include "pages/frame.hpp"
#include "pages/words.hpp"
#include "report/figures.hpp"

namespace cadence::pages {
namespace {

using queue::Job;
using queue::JobStatus;

Markup details_of(const Job& job) {
  Markup out;
  const auto add = [&](const Markup& part) {
    if (!out.is_empty()) out += " · ";
    out += part;
  };
  if (!job.spec.branch.empty()) add(words_of(job.spec.branch, 60));
  if (!job.spec.commit.empty()) add("<code>" + text(report::short_hash(job.spec.commit)) + "</code>");
  if (!job.spec.author.empty()) add(words_of(job.spec.author, 40));
  if (out.is_empty()) add(text(origin_of(job.spec.event_type)));
  return out;
}

Markup outcome_of(const Job& job) {
  switch (job.status) {
    case JobStatus::Completed:
      return verdict_words(job);
    case JobStatus::Failed:
      return "<span class=\"note\">" + text(trouble_of(job.error).title) + "</span>";
    case JobStatus::Processing:
      return "<span class=\"note\">" + words_of(job.progress, 40) + "</span>";
    case JobStatus::Pending:
      break;
  }
  return {};
}

Markup rows_of(const Setting& setting, const std::vector<Job>& jobs) {
  Markup out = "<ul class=\"jobs\">\n";
  for (const auto& job : jobs)
    out += "<li><span class=\"what\"><a href=\"" + way_to(setting, "jobs/" + job.id) + "\">" +
           words_of(name_of(job.spec), kNameColumns) + "</a><span class=\"note\">" + details_of(job) +
           "</span></span>" + state_badge(job.status) + "<span class=\"outcome\">" + outcome_of(job) + "</span>" +
           moment(job.created_at) + "</li>\n";
  return out + "</ul>\n";
}

Markup numbers(const JobList& list) {
  const auto one = [](const Markup& name, std::int64_t number) {
    return "<div><dt>" + name + "</dt><dd>" + text(report::grouped(number)) + "</dd></div>\n";
  };
  return "<dl class=\"numbers\" id=\"numbers\">\n" + one("Waiting", list.waiting) + one("Running", list.running_count) +
         "</dl>\n";
}

Markup option(const queue::JobFilter& filter, std::optional<JobStatus> status) {
  const auto value = status ? text(queue::to_string(*status)) : Markup();
  return "<option value=\"" + value + "\"" + when(filter.status == status, " selected") + ">" +
         (status ? text(state_word(*status)) : Markup("any state")) + "</option>";
}

Markup filters(const Setting& setting, const queue::JobFilter& filter) {
  return "<form class=\"filter\" method=\"get\" action=\"" + way_to(setting, "") +
         "\" role=\"search\">\n<label>Repository <input name=\"repo\" value=\"" + text(filter.repo) +
         "\" placeholder=\"owner/name\" autocomplete=\"off\" spellcheck=\"false\"></label>\n<label>State <select "
         "name=\"status\">" +
         option(filter, std::nullopt) + option(filter, JobStatus::Pending) + option(filter, JobStatus::Processing) +
         option(filter, JobStatus::Completed) + option(filter, JobStatus::Failed) +
         "</select></label>\n<button type=\"submit\">Show</button>\n</form>\n";
}

std::string page_at(const queue::JobFilter& filter, int offset) {
  std::string query = "?offset=" + std::to_string(offset);
  if (!filter.repo.empty()) query += "&repo=" + net::percent_encode(filter.repo);
  if (filter.status) query += "&status=" + std::string(queue::to_string(*filter.status));
  return query;
}

Markup further_pages(const Setting& setting, const JobList& list) {
  const auto& filter = list.filter;
  const auto shown = static_cast<std::int64_t>(list.found.jobs.size());
  const bool has_older = filter.offset + shown < list.found.count_all || (list.found.is_more && shown == filter.limit);
  Markup out;
  if (filter.offset > 0)
    out += "<a rel=\"prev\" href=\"" + way_to(setting, page_at(filter, std::max(0, filter.offset - filter.limit))) +
           "\">Newer</a>\n";
  if (has_older)
    out +=
        "<a rel=\"next\" href=\"" + way_to(setting, page_at(filter, filter.offset + filter.limit)) + "\">Older</a>\n";
  return out.is_empty() ? out : "<nav class=\"further\" aria-label=\"Further jobs\">\n" + out + "</nav>\n";
}

Markup count_of(const JobList& list) {
  if (list.found.jobs.empty()) return {};
  const auto first = list.filter.offset + 1;
  const auto last = list.filter.offset + static_cast<std::int64_t>(list.found.jobs.size());
  return "<p class=\"note\">" + text(report::grouped(first)) + " to " + text(report::grouped(last)) + " of " +
         when(list.found.is_more, "more than ") + text(report::grouped(list.found.count_all)) + "</p>\n";
}

}  // namespace

std::string jobs_page(const Setting& setting, const JobList& list) {
  const bool is_filtered = !list.filter.repo.empty() || list.filter.status;
  Markup main = "<div class=\"heading\"><h1>Jobs</h1>\n" + numbers(list) + "</div>\n" + filters(setting, list.filter) +
                "<div id=\"lists\">\n";
  if (!is_filtered && list.filter.offset == 0 && !list.running.empty())
    main += "<section aria-labelledby=\"running-title\">\n<h2 id=\"running-title\">Running</h2>\n" +
            rows_of(setting, list.running) + "</section>\n";
  main += "<section aria-labelledby=\"newest-title\">\n<h2 id=\"newest-title\">" +
          Markup(is_filtered ? Markup("Found") : Markup("Newest")) + "</h2>\n" +
          (list.found.jobs.empty()
               ? "<p>" + (is_filtered ? Markup("No job fits.") : Markup("No job has come yet.")) + "</p>\n"
               : rows_of(setting, list.found.jobs)) +
          "<div class=\"below\">" + count_of(list) + further_pages(setting, list) + "</div>\n</section>\n</div>\n";
  return framed(setting, {"Jobs", Place::Jobs, true}, main);
}

}  // namespace cadence::pages
