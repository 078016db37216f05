// The pages as text: nothing of a stranger's is markup anywhere, and each page shows what it is for.
#include "pages/pages.hpp"

#include <gmock/gmock.h>

#include "pages/words.hpp"

namespace cadence::pages {
namespace {

using queue::Job;
using queue::JobStatus;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kId = "0f7b6a0e-58a5-4d43-9a0b-0f3a0c8f3d52";
const std::string kScript = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

Job completed() {
  Job job;
  job.id = kId;
  job.spec = {"github_push", "https://git.example/potters/kiln.git",
              "kiln",        "potters/kiln",
              "trunk",       std::string(40, '9'),
              "mira",        {}};
  job.status = JobStatus::Completed;
  job.progress = "completed";
  job.replica = "cadence-webhook-1";
  job.attempts = 1;
  job.created_at = base::parse_rfc3339("2026-03-04T10:00:01Z");
  job.updated_at = job.created_at + std::chrono::milliseconds(2400);
  job.summary = R"({"suspicious_commits":3,"overall_suspicion":42.5})";
  job.result = R"({"total_commits":41,"suspicious_commits":1,"overall_suspicion":42.5,"commit":"9999",
    "suspicions":[{"commit_hash":"9c0ffee","commit_index":0,"message":"glaze table","severity":"low","score":6.5,
                   "reasons":["612 lines added, limit 500"],"triggered":["size_analysis"],"confidence":0.6}]})";
  return job;
}

Job with(JobStatus status, const std::string& error = "") {
  auto job = completed();
  job.status = status;
  job.error = error;
  job.summary.clear();
  job.result.reset();
  return job;
}

// A job whose sender wrote a script into all that he has a hand in.
Job hostile(JobStatus status) {
  auto job = completed();
  job.status = status;
  job.spec = {kScript, "https://git.example/" + kScript, kScript, kScript, kScript, kScript, kScript, kScript};
  job.progress = job.error = job.replica = kScript;
  job.summary = "{\"overall_suspicion\":7,\"assessment\":\"<script>alert(1)</script><img src=x>\"}";
  job.result = R"({"total_commits":"<script>","velocity":"<script>","time_span":"<img src=x>","commit":"<script>",
    "suspicions":[{"commit_hash":"<script>","message":"<script>alert(1)</script>\n\n<img src=x onerror=alert(2)>",
                   "severity":"<script>","reasons":["<script>"],"triggered":["<script>"],"score":"<script>"}]})";
  return job;
}

std::vector<std::string> every_page(const Job& job) {
  const Setting setting{"../", true};
  queue::JobPage found{{job}, 1, false};
  const queue::JobFilter filter{25, 0, std::nullopt, kScript};
  return {jobs_page(setting, {filter, found, {job}, 1, 1}), job_page(setting, job),
          history_page(setting, {kScript, 0, found}),       repositories_page(setting, {job}),
          sign_in_page(setting, {false, kScript, kScript}), notice_page(setting, {kScript, kScript, true, true})};
}

TEST(Pages, KeepHostileTextText) {
  for (const auto status : {JobStatus::Pending, JobStatus::Processing, JobStatus::Completed, JobStatus::Failed}) {
    auto pages = every_page(hostile(status));
    auto website = hostile(status);
    website.spec.event_type = "api_analysis_website";
    website.result = R"({"assessment":"<script>","headings":["<script>"],"passed_patterns":[{"type":"<script>"}],
      "web_patterns":[{"type":"<script>","severity":1,"description":"<script>","examples":["<img src=x>"]}]})";
    pages.push_back(job_page({"../", true}, website));
    for (const auto& page : pages) {
      EXPECT_THAT(page, Not(HasSubstr("<script>"))) << page;
      EXPECT_THAT(page, Not(HasSubstr("<img"))) << page;
      EXPECT_THAT(page, Not(HasSubstr("\"'>"))) << page;
    }
  }
}

TEST(Pages, ShowNoLoginAndNothingThatTurnsTheText) {
  auto job = completed();
  job.spec.url = "https://bot:ghp_x@git.example/potters/kiln.git";
  job.spec.author = "mira\xe2\x80\xae\x1b[31m";
  for (const auto& page : every_page(job)) {
    EXPECT_THAT(page, Not(HasSubstr("ghp_x")));
    EXPECT_THAT(page, Not(HasSubstr("\xe2\x80\xae")));
    EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  }
}

TEST(Pages, LeadWhereTheyStand) {
  for (const char* up : {"", "../", "pages/"}) {
    const auto page = jobs_page({up, true}, {{25, 0, std::nullopt, {}}, {{completed()}, 1, false}, {}, 0, 0});
    for (const std::string& place : {"jobs/" + std::string(kId), std::string("style.css"), std::string("script.js"),
                                     std::string("icon.svg"), std::string("repositories"), std::string("sign-in")})
      EXPECT_THAT(page, HasSubstr("=\"" + std::string(up) + place + "\"")) << up;
    EXPECT_THAT(page, Not(HasSubstr("href=\"\"")));
  }
}

TEST(JobsPage, ShowsQueueAndRowsAndFurtherPages) {
  JobList list{{25, 25, JobStatus::Failed, "potters/kiln"},
               {std::vector<Job>(25, with(JobStatus::Failed, "failed to clone repository: not found")), 1234, false},
               {},
               1200,
               3};
  const auto page = jobs_page({"", false}, list);
  for (const char* part : {"<dd>1,200</dd>", "<dd>3</dd>", "26 to 50 of 1,234", "The repository could not be fetched",
                           "href=\"?offset=0&amp;repo=potters%2Fkiln&amp;status=failed\">Newer</a>",
                           "href=\"?offset=50&amp;repo=potters%2Fkiln&amp;status=failed\">Older</a>",
                           "<option value=\"failed\" selected>failed</option>", "value=\"potters/kiln\"", "data-live"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("sign-in"))) << "nobody signs in where everybody may read";
  list = {{25, 1225, std::nullopt, {}}, {{completed()}, 1226, false}, {}, 0, 0};
  EXPECT_THAT(jobs_page({}, list), Not(HasSubstr("Older")));
  list = {{25, 10000, std::nullopt, {}}, {std::vector<Job>(25, completed()), 10000, true}, {}, 0, 0};
  EXPECT_THAT(jobs_page({}, list), HasSubstr("Older")) << "counting ended, the jobs did not";
  EXPECT_THAT(jobs_page({}, {}), HasSubstr("No job has come yet."));
}

TEST(JobsPage, ShowsWhatRunsOnItsFirstPageOnly) {
  JobList list{{25, 0, std::nullopt, {}}, {}, {with(JobStatus::Processing)}, 0, 1};
  EXPECT_THAT(jobs_page({}, list), HasSubstr(">Running</h2>"));
  list.filter.offset = 25;
  EXPECT_THAT(jobs_page({}, list), Not(HasSubstr(">Running</h2>")));
  list.filter = {25, 0, JobStatus::Failed, {}};
  EXPECT_THAT(jobs_page({}, list), Not(HasSubstr(">Running</h2>")));
}

TEST(JobPage, ShowsReportReasonsAndFacts) {
  const auto page = job_page({"../", true}, completed());
  for (const char* part :
       {"potters/kiln", "completed", "42.5 %", "1 of 41 commits were flagged", "9c0ffee", "glaze table",
        "612 lines added, limit 500", "size_analysis", "push to GitHub", "2026-03-04 10:00", "2.4 s later",
        "cadence-webhook-1", "repositories?name=potters%2Fkiln", "/report\">"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_THAT(page, Not(HasSubstr("data-live"))) << "it is over";
}

TEST(JobPage, SaysHowItStands) {
  EXPECT_THAT(job_page({}, with(JobStatus::Pending)), HasSubstr("It waits for its turn."));
  EXPECT_THAT(job_page({}, with(JobStatus::Pending)), HasSubstr("data-live"));
  auto running = with(JobStatus::Processing);
  running.progress = "cloning";
  EXPECT_THAT(job_page({}, running), HasSubstr("It is being worked on: <bdi>cloning</bdi>."));
  EXPECT_THAT(job_page({}, with(JobStatus::Failed, "analysis failed: timeout after 300 s")),
              HasSubstr("<strong>It took too long.</strong>"));
  auto damaged = completed();
  damaged.result = "{";
  EXPECT_THAT(job_page({}, damaged), HasSubstr("completed")) << "no report, and the rest of the page";
}

TEST(JobPage, OfALinkLeadsToNoOtherJob) {
  Setting setting{"../", true, true, "until=1&signature=abc"};
  const auto page = job_page(setting, completed());
  EXPECT_THAT(page, HasSubstr("report?until=1&amp;signature=abc\""));
  for (const char* way : {"repositories", "sign-in", "\"../\"", "<nav"}) EXPECT_THAT(page, Not(HasSubstr(way)));
}

TEST(ReportPage, IsTheReportAlone) {
  EXPECT_THAT(report_page(completed()), StartsWith("<!doctype html>"));
  EXPECT_THAT(report_page(completed()), HasSubstr("Cadence report"));
  for (const auto status : {JobStatus::Pending, JobStatus::Processing, JobStatus::Failed})
    EXPECT_EQ(report_page(with(status)), "");
}

TEST(HistoryPage, PlotsVerdictsAndListsThem) {
  std::vector<Job> jobs{completed(), with(JobStatus::Failed, "x"), with(JobStatus::Pending)};
  const auto page = history_page({}, {"potters/kiln", 0, {jobs, 3, false}});
  EXPECT_THAT(page, HasSubstr("<circle class=\"medium\""));
  EXPECT_THAT(page, HasSubstr("<path class=\"cross\""));
  EXPECT_THAT(page, HasSubstr("of 2 jobs")) << "what is not over has no verdict";
  EXPECT_THAT(page, HasSubstr("3 flagged"));
  EXPECT_THAT(page, Not(HasSubstr("Older")));
  EXPECT_THAT(history_page({}, {"potters/kiln", 100, {std::vector<Job>(100, completed()), 300, false}}),
              HasSubstr("offset=200\">Older</a>"));
  EXPECT_THAT(history_page({}, {"no/such", 0, {}}), HasSubstr("No job of this repository is known."));
}

TEST(RepositoriesPage, HasEachOnceWithItsNewestVerdict) {
  auto older = completed(), other = completed(), nameless = completed();
  older.summary = R"({"suspicious_commits":9,"overall_suspicion":99})";
  other.spec.full_name = "potters/mill";
  nameless.spec.full_name = nameless.spec.repo = "";
  const auto page = repositories_page({}, {with(JobStatus::Pending), completed(), older, other, nameless});
  EXPECT_THAT(page, HasSubstr("name=potters%2Fkiln"));
  EXPECT_THAT(page, HasSubstr("name=potters%2Fmill"));
  EXPECT_THAT(page, Not(HasSubstr("99 %")));
  EXPECT_EQ(page.find("name=potters%2Fkiln"), page.rfind("name=potters%2Fkiln"));
}

TEST(DeliveriesPage, ShowsHookByHookWhatIsMissingAndWhatIsWrong) {
  EXPECT_THAT(deliveries_page({}, {}), HasSubstr("No hook is watched."));
  WatchedHook fresh{.name = "github App 4711", .problem = {}, .open = {}};
  WatchedHook hook{.name = kScript,
                   .problem = kScript,
                   .looked_at = base::Wall(std::chrono::seconds(1'800'000'000)),
                   .listed = 31,
                   .missing = 32,
                   .asked = 33,
                   .came_back = 34,
                   .given_up = 35,
                   .open = {}};
  hook.open.push_back({kScript, kScript, 0, 3, true, hook.looked_at});
  hook.open.push_back({"d2", "", 503, 1, false, hook.looked_at});
  const auto page = deliveries_page({}, {fresh, hook});
  EXPECT_THAT(page, HasSubstr("Nobody has looked yet."));
  for (const char* part : {">31<", ">32<", ">33<", ">34<", ">35<", ">nothing<", ">503<", "given up", "not known"})
    EXPECT_THAT(page, HasSubstr(part));
  EXPECT_EQ(page.find(kScript), std::string::npos);
  hook.open.assign(60, hook.open.back());
  EXPECT_THAT(deliveries_page({}, {hook}), HasSubstr("And 10 more."));
}

TEST(SignInPage, SaysWhyATokenDoesNotDo) {
  const auto page = sign_in_page({"", true}, {false, "jobs/x", "The server does not know this token."});
  EXPECT_THAT(page, HasSubstr("role=\"alert\">The server does not know this token."));
  EXPECT_THAT(page, HasSubstr("name=\"next\" value=\"jobs/x\""));
  EXPECT_THAT(sign_in_page({"", true}, {true, {}, {}}), HasSubstr("action=\"sign-out\""));
}

TEST(Words, TellTroubleByWhatItIs) {
  struct Row {
    const char *error, *title;
  };
  for (const auto& row :
       {Row{"analysis failed: timeout", "It took too long"},
        Row{"failed to clone repository: 10.0.0.1 is not public. Add the host to clone.allowed_hosts",
            "Its address may not be reached"},
        Row{"failed to clone repository: no credentials for git.example", "The repository wants a login"},
        Row{"failed to clone repository: HTTP 404", "The repository could not be fetched"},
        Row{"the delivery names no repository", "The delivery names no repository"}, Row{"", "The analysis failed"}})
    EXPECT_EQ(trouble_of(row.error).title, row.title) << row.error;
}

TEST(Words, OfASummaryOfAnyShapeAreNoVerdict) {
  auto job = completed();
  for (const char* summary : {"", "{", "[]", "null", R"({"overall_suspicion":"x","suspicious_commits":[]})"}) {
    job.summary = summary;
    const auto verdict = verdict_of(job);
    EXPECT_FALSE(verdict.share || verdict.flagged) << summary;
  }
  job.summary = R"({"overall_suspicion":1e9})";
  EXPECT_EQ(verdict_of(job).share, 100);
}

}  // namespace
}  // namespace cadence::pages
