// The verdicts of a repository over time, and which repositories there are.
#include <algorithm>
#include <set>

#include "net/http.hpp"
#include "pages/frame.hpp"
#include "pages/words.hpp"
#include "report/figures.hpp"
#include "report/visible.hpp"

namespace cadence::pages {
namespace {

using queue::Job;
using queue::JobStatus;

constexpr double kWidth = 600, kHeight = 190, kLeft = 54, kRight = 10, kTop = 10, kBottom = 26;

Markup number(double value) { return text(report::decimal(value, 1)); }

double height_of(double share) { return kTop + (kHeight - kTop - kBottom) * (1 - share / 100); }

// Jobs stand at equal distances in the order of their time: pushes come in bursts.
double place_of(std::size_t i, std::size_t count) {
  const double room = kWidth - kLeft - kRight;
  return count < 2 ? kLeft + room / 2 : kLeft + room * static_cast<double>(i) / static_cast<double>(count - 1);
}

Markup grid() {
  Markup out;
  for (const double share : {0.0, 25.0, 50.0, 75.0, 100.0}) {
    const auto y = number(height_of(share));
    out += "<path class=\"grid\" d=\"M" + number(kLeft) + " " + y + "H" + number(kWidth - kRight) + "\"/><text x=\"" +
           number(kLeft - 8) + "\" y=\"" + number(height_of(share) + 3) + "\" text-anchor=\"end\">" + number(share) +
           " %</text>\n";
  }
  return out;
}

Markup day_at(double x, const Markup& anchor, base::Wall time) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(kHeight - 8) + "\" text-anchor=\"" + anchor + "\">" +
         text(report::day_of(seconds_of(time))) + "</text>\n";
}

Markup mark(double x, const Job& job) {
  const auto verdict = verdict_of(job);
  const auto when_it_came = text(report::minute_of(seconds_of(job.created_at)));
  if (!verdict.share) {
    const auto left = number(x - 3), top = number(height_of(0) - 3);
    return "<path class=\"cross\" d=\"M" + left + " " + top + "l6 6m0 -6l-6 6\"><title>" + when_it_came +
           ", failed</title></path>\n";
  }
  return "<circle class=\"" + text(level_of(*verdict.share)) + "\" cx=\"" + number(x) + "\" cy=\"" +
         number(height_of(*verdict.share)) + "\" r=\"3.5\"><title>" + when_it_came + ", " + number(*verdict.share) +
         " %</title></circle>\n";
}

// Oldest first.
Markup plot(const std::vector<const Job*>& jobs) {
  Markup line, marks;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const double x = place_of(i, jobs.size());
    marks += mark(x, *jobs[i]);
    if (const auto share = verdict_of(*jobs[i]).share)
      line += (line.is_empty() ? Markup("M") : Markup("L")) + number(x) + " " + number(height_of(*share));
  }
  Markup out =
      "<figure class=\"history\">\n<svg viewBox=\"0 0 " + number(kWidth) + " " + number(kHeight) +
      "\" role=\"img\" aria-labelledby=\"plot-title\"><title id=\"plot-title\">Share of suspicious commits of " +
      text(std::to_string(jobs.size())) + " jobs, the oldest at the left; the table below has the numbers</title>\n" +
      grid() + "<path class=\"line\" d=\"" + line + "\"/>\n" + marks;
  if (!jobs.empty()) out += day_at(kLeft, "start", jobs.front()->created_at);
  if (jobs.size() > 1) out += day_at(kWidth - kRight, "end", jobs.back()->created_at);
  return out +
         "</svg>\n<p class=\"legend\"><span class=\"key low\"></span> below 40 % <span class=\"key medium\"></span> "
         "from "
         "40 % <span class=\"key high\"></span> from 70 % · × failed</p>\n</figure>\n";
}

Markup row(const Setting& setting, const Job& job) {
  return "<tr><th scope=\"row\"><a href=\"" + way_to(setting, "jobs/" + job.id) + "\">" + moment(job.created_at) +
         "</a></th><td>" + state_badge(job.status) + "</td><td class=\"outcome\">" +
         (job.status == JobStatus::Failed ? "<span class=\"note\">" + text(trouble_of(job.error).title) + "</span>"
                                          : verdict_words(job)) +
         "</td><td>" + words_of(job.spec.branch, 40) + "</td><td><code>" + text(report::short_hash(job.spec.commit)) +
         "</code></td><td>" + words_of(job.spec.author, 40) + "</td></tr>\n";
}

Markup table(const Setting& setting, const History& history) {
  Markup out =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of jobs\">\n<table>\n<caption "
      "class=\"hidden\">Jobs of this repository, the newest first</caption>\n<thead><tr><th "
      "scope=\"col\">Received</th><th scope=\"col\">State</th><th scope=\"col\">Suspicious</th><th "
      "scope=\"col\">Branch</th><th scope=\"col\">Commit</th><th scope=\"col\">Author</th></tr></thead>\n<tbody>\n";
  for (const auto& job : history.found.jobs) out += row(setting, job);
  return out + "</tbody>\n</table>\n</div>\n";
}

Markup further_pages(const Setting& setting, const History& history) {
  const auto page = [&](int offset) {
    return way_to(setting,
                  "repositories?name=" + net::percent_encode(history.name) + "&offset=" + std::to_string(offset));
  };
  Markup out;
  if (history.offset > 0)
    out += "<a rel=\"prev\" href=\"" + page(std::max(0, history.offset - kJobsOfAHistory)) + "\">Newer</a>\n";
  if (history.found.jobs.size() == kJobsOfAHistory)
    out += "<a rel=\"next\" href=\"" + page(history.offset + kJobsOfAHistory) + "\">Older</a>\n";
  return out.is_empty() ? out : "<nav class=\"further\" aria-label=\"Further jobs\">\n" + out + "</nav>\n";
}

}  // namespace

std::string history_page(const Setting& setting, const History& history) {
  std::vector<const Job*> over;
  for (const auto& job : history.found.jobs)
    if (job.status == JobStatus::Completed || job.status == JobStatus::Failed) over.push_back(&job);
  std::reverse(over.begin(), over.end());
  Markup main = "<div class=\"heading\"><h1>" + words_of(history.name, kNameColumns) + "</h1></div>\n";
  if (history.found.jobs.empty()) {
    main += "<section><p>No job of this repository is known.</p></section>\n";
  } else {
    if (!over.empty())
      main += "<section aria-labelledby=\"time-title\">\n<h2 id=\"time-title\">Verdicts over time</h2>\n" + plot(over) +
              "</section>\n";
    main += "<section aria-labelledby=\"jobs-title\">\n<h2 id=\"jobs-title\">Jobs</h2>\n" + table(setting, history) +
            further_pages(setting, history) + "</section>\n";
  }
  const auto title = report::cut(report::visible_line(history.name), 80) + ", verdicts over time";
  return framed(setting, {title, Place::Repositories, false}, main);
}

std::string repositories_page(const Setting& setting, const std::vector<Job>& newest) {
  std::set<std::string> seen;
  Markup rows;
  for (const auto& job : newest) {
    const auto key = history_key(job.spec);
    const bool is_over = job.status == JobStatus::Completed || job.status == JobStatus::Failed;
    if (key.empty() || !is_over || !seen.insert(key).second) continue;
    rows += "<li><span class=\"what\"><a href=\"" + way_to(setting, "repositories?name=" + net::percent_encode(key)) +
            "\">" + words_of(key, kNameColumns) + "</a></span>" + state_badge(job.status) + "<span class=\"outcome\">" +
            verdict_words(job) + "</span>" + moment(job.created_at) + "</li>\n";
  }
  const Markup main =
      "<div class=\"heading\"><h1>Repositories</h1></div>\n<section aria-labelledby=\"found-title\">\n<h2 "
      "id=\"found-title\">With their newest verdict</h2>\n" +
      (rows.is_empty() ? Markup("<p>No repository has been analysed yet.</p>\n")
                       : "<ul class=\"jobs\">\n" + rows + "</ul>\n") +
      "</section>\n";
  return framed(setting, {"Repositories", Place::Repositories, false}, main);
}

}  // namespace cadence::pages
