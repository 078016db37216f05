// What queue/store.hpp promises of lists: the same jobs as one by one, whatever the filter, on both stores.
#include <algorithm>
#include <array>
#include <tuple>

#include "store_support.hpp"

namespace cadence::queue {
namespace {

class StoreLists : public StoreTest {
 protected:
  // Jobs in every state, of names that are short in one repository and full in another; the newest first.
  std::vector<Job> make_jobs() {
    std::vector<std::string> ids;
    for (int i = 0; i < 24; ++i) {
      auto made = delivery("k" + std::to_string(i), i % 4 == 0 ? "kiln" : "wheel");
      made.spec.full_name = std::array{"potters/kiln", "kiln", "potters/wheel"}[static_cast<std::size_t>(i % 3)];
      (void)accept(made);
      ids.push_back(made.job_id);
    }
    const auto claims = store->claim(one, 16, {});
    EXPECT_TRUE(claims && claims->size() == 16);
    for (std::size_t i = 0; i < 12; ++i)
      EXPECT_TRUE(*store->complete(one, claims->at(i), {i % 3 == 0 ? "it failed" : "", "{}", "{}"}));
    std::vector<Job> jobs;
    for (const auto& id : ids) jobs.insert(jobs.begin(), find(id));
    return jobs;
  }
};

TEST_P(StoreLists, HoldWhatTheFilterSaysInOrder) {
  const auto jobs = make_jobs();
  for (const auto& status :
       {std::optional<JobStatus>(), std::optional(JobStatus::Pending), std::optional(JobStatus::Processing),
        std::optional(JobStatus::Completed), std::optional(JobStatus::Failed)})
    for (const std::string repo : {"", "kiln", "wheel", "potters/kiln", "potters/wheel", "nobody", "o'hare\\"}) {
      SCOPED_TRACE(repo + " " + std::string(status ? to_string(*status) : "any"));
      std::vector<std::string> expected;
      for (const auto& job : jobs)
        if ((!status || job.status == *status) && (repo.empty() || job.spec.repo == repo || job.spec.full_name == repo))
          expected.push_back(job.id);
      for (const auto& [limit, offset] : {std::pair(50, 0), {3, 0}, {4, 2}, {5, 100}}) {
        const auto page = store->list({limit, offset, status, repo});
        ASSERT_TRUE(page) << page.error().message;
        EXPECT_EQ(page->count_all, static_cast<std::int64_t>(expected.size()));
        EXPECT_FALSE(page->is_more);
        std::vector<std::string> listed;
        for (const auto& job : page->jobs) listed.push_back(job.id);
        const auto from = std::min<std::size_t>(static_cast<std::size_t>(offset), expected.size());
        const auto to = std::min(from + static_cast<std::size_t>(limit), expected.size());
        EXPECT_EQ(listed, std::vector(expected.begin() + static_cast<std::ptrdiff_t>(from),
                                      expected.begin() + static_cast<std::ptrdiff_t>(to)));
      }
    }
}

TEST_P(StoreLists, ShowWhatTheJobItselfShows) {
  const auto jobs = make_jobs();
  const auto page = store->list({});
  ASSERT_TRUE(page && page->jobs.size() == jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto &listed = page->jobs[i], &job = jobs[i];
    EXPECT_EQ(listed.spec, job.spec);
    EXPECT_EQ(std::tie(listed.status, listed.error, listed.summary, listed.progress, listed.attempts),
              std::tie(job.status, job.error, job.summary, job.progress, job.attempts));
    EXPECT_EQ(std::tie(listed.created_at, listed.updated_at), std::tie(job.created_at, job.updated_at));
  }
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreLists, testing::Values("sqlite", "postgres"),
                         [](const auto& tested) { return tested.param; });

}  // namespace
}  // namespace cadence::queue
