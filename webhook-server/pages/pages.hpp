// The pages for people: jobs, a job with its report, a repository's verdicts over time, what is
// missing at the providers, signing in. Pure: values in,
// HTML out. Promises: nothing that a sender wrote becomes markup, an address or a script; a page without its script
// shows the same; no page refers to anything outside this server. Knows no HTTP, no store and no token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/job.hpp"

namespace cadence::pages {

// Where the page stands and who reads it.
struct Setting {
  std::string up;            // leads from the page to the folder of the pages: "", "../"; so any proxy may stand before
  bool has_account = false;  // the reader can sign in, and is signed in or came with a link
  bool is_by_link = false;   // a signed link opened it: no way leads to other jobs
  std::string link_query{};  // the link's, for what belongs to the page
};

constexpr int kJobsOfAPage = 25, kJobsOfAHistory = 100;

struct JobList {
  queue::JobFilter filter;
  queue::JobPage found;
  std::vector<queue::Job> running;
  std::int64_t waiting = 0, running_count = 0;
};
std::string jobs_page(const Setting& setting, const JobList& list);

std::string job_page(const Setting& setting, const queue::Job& job);
// The report by itself, to be kept; empty where the job has no result.
std::string report_page(const queue::Job& job);

struct History {
  std::string name;  // as jobs are found by it
  int offset = 0;
  queue::JobPage found;
};
std::string history_page(const Setting& setting, const History& history);
// The repositories of these jobs, each with its newest verdict.
std::string repositories_page(const Setting& setting, const std::vector<queue::Job>& newest);

// A hook whose deliveries are compared with the ledger, and what was found there.
struct MissingDelivery {
  std::string id, repository;
  int status = 0;  // its answer; 0: nothing
  int asked = 0;
  bool is_given_up = false;
  base::Wall since{};
};
struct WatchedHook {
  std::string name, problem;
  base::Wall looked_at{};   // the epoch: nobody has looked yet
  std::int64_t listed = 0;  // then
  std::int64_t missing = 0, asked = 0, came_back = 0, given_up = 0;
  std::vector<MissingDelivery> open;
};
std::string deliveries_page(const Setting& setting, const std::vector<WatchedHook>& hooks);

struct SignIn {
  bool is_signed_in = false;
  std::string next{};     // where to go then, below the folder of the pages
  std::string refusal{};  // why the token that was sent does not do
};
std::string sign_in_page(const Setting& setting, const SignIn& sign_in);

// A page that says one thing: there is no such job, the store is away, the link is over.
struct Notice {
  std::string title, words;
  bool offers_sign_in = false, offers_reload = false;
};
std::string notice_page(const Setting& setting, const Notice& notice);

// What the pages load, and under which name.
extern const std::string_view kPictogram;
std::string style();
std::string script();

}  // namespace cadence::pages
