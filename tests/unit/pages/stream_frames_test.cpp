// A job as events: each step once and in order, one last event.
#include "api/stream_frames.hpp"

#include <gmock/gmock.h>

#include "base/text.hpp"
#include "json/members.hpp"

namespace cadence::api {
namespace {

using queue::Job;
using queue::JobStatus;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "progress queued", "detection", …
std::vector<std::string> names_of(const std::string& frames) {
  std::vector<std::string> names;
  std::string name;
  for (const auto& line : base::split(frames, '\n')) {
    if (line.starts_with("event: ")) name = line.substr(7);
    if (!line.starts_with("data: ")) continue;
    const auto data = *json::parse(line.substr(6));
    const auto phase = json::text_in(data, "phase");
    names.push_back((name.empty() ? json::text_in(data, "event") : name) + (phase.empty() ? "" : " " + phase));
  }
  return names;
}

Job job_in(JobStatus status, const std::string& progress = "") {
  Job job;
  job.id = "1c";
  job.status = status;
  job.progress = progress;
  job.spec.url = "https://git.example/potters/kiln.git";
  job.spec.event_type = "api_analysis_repo";
  if (status == JobStatus::Completed)
    job.result =
        R"({"total_commits":41,"suspicious_commits":1,"overall_suspicion":2.5,"suspicions":[{"commit_hash":"9c",
      "message":"glaze","severity":"low","score":6.5,"reasons":["612 lines added"],"triggered":["size_analysis"]}]})";
  return job;
}

TEST(StreamFrames, TellEveryStepOnceAndInOrder) {
  StreamFrames frames("1c", false, FrameStyle::Named);
  EXPECT_THAT(names_of(frames.begin()), ElementsAre("progress queued"));
  EXPECT_EQ(frames.look(job_in(JobStatus::Pending), seconds(1)), "");
  EXPECT_THAT(names_of(frames.look(job_in(JobStatus::Processing, "cloning"), seconds(2))),
              ElementsAre("progress cloning"));
  EXPECT_EQ(frames.look(job_in(JobStatus::Processing, "cloning"), seconds(3)), "");
  EXPECT_THAT(names_of(frames.look(job_in(JobStatus::Processing, "analyzing"), seconds(4))),
              ElementsAre("progress analyzing", "progress validating", "progress fetching", "progress detecting"));
  EXPECT_EQ(frames.look(job_in(JobStatus::Processing, "processing-results"), seconds(5)), "");
  EXPECT_THAT(names_of(frames.look(job_in(JobStatus::Completed), seconds(6))),
              ElementsAre("detection", "progress detecting", "result"));
  EXPECT_TRUE(frames.is_over());
  EXPECT_EQ(frames.look(job_in(JobStatus::Completed), seconds(7)), "");
  EXPECT_EQ(frames.fail("late", "late"), "");
}

TEST(StreamFrames, MissNoStepOfAQuickJob) {
  StreamFrames frames("1c", false, FrameStyle::Named);
  const auto all = frames.begin() + frames.look(job_in(JobStatus::Completed), milliseconds(812));
  EXPECT_THAT(names_of(all),
              ElementsAre("progress queued", "progress cloning", "progress analyzing", "progress validating",
                          "progress fetching", "progress detecting", "detection", "progress detecting", "result"));
  EXPECT_THAT(all, HasSubstr("event: progress\ndata: {\"elapsed_ms\":812,\"message\":"));
  EXPECT_THAT(
      all, HasSubstr(
               R"("category":"structural","description":"glaze","detected":true,"examples":["9c","612 lines added"])"));
  EXPECT_THAT(all, HasSubstr(R"("score":0.065,"severity":"low","strategy":"git-velocity-analysis"})"));
  EXPECT_THAT(all, HasSubstr(R"("job_id":"1c")"));
}

TEST(StreamFrames, TellOfALongCloneAgain) {
  StreamFrames frames("1c", false, FrameStyle::Named);
  (void)frames.look(job_in(JobStatus::Processing, "cloning"), seconds(1));
  const auto again = frames.look(job_in(JobStatus::Processing, "cloning"), seconds(11));
  EXPECT_THAT(names_of(again), ElementsAre("progress cloning"));
  EXPECT_THAT(again, HasSubstr("\"percent\":15"));
  EXPECT_EQ(frames.look(job_in(JobStatus::Processing, "cloning"), seconds(12)), "");
}

TEST(StreamFrames, EndWithOneErrorWhereTheJobFails) {
  StreamFrames frames("1c", false, FrameStyle::Named);
  auto job = job_in(JobStatus::Failed);
  job.error = "failed to clone repository: HTTP 404";
  EXPECT_THAT(frames.look(job, seconds(1)), HasSubstr("event: error\ndata: {\"code\":\"analysis_failed\","
                                                      "\"message\":\"failed to clone repository: HTTP 404\"}\n\n"));
  EXPECT_TRUE(frames.is_over());
}

TEST(StreamFrames, OfAPageHaveEachPattern) {
  StreamFrames frames("1c", true, FrameStyle::Named);
  EXPECT_EQ(frames.begin(), "");
  auto job = job_in(JobStatus::Completed);
  job.spec.event_type = "api_analysis_website";
  job.result =
      R"({"overall_suspicion":70,"web_patterns":[{"type":"links","severity":0.9,"description":"d","examples":["e"]}],
    "passed_patterns":[{"type":"emoji","severity":0,"description":"none"}]})";
  const auto all = frames.look(job, seconds(1));
  EXPECT_THAT(names_of(all),
              ElementsAre("progress fetching", "progress validating", "progress fetching", "progress detecting",
                          "detection", "detection", "progress detecting", "result"));
  EXPECT_THAT(all, HasSubstr(R"("detected":true,"examples":["e"],"score":0.9,"severity":"high","strategy":"links"})"));
  EXPECT_THAT(all, HasSubstr(R"("detected":false,"score":0.0,"severity":"none","strategy":"emoji"})"));
}

TEST(StreamFrames, WithoutEventLinesNameThemselves) {
  StreamFrames frames("1c", false, FrameStyle::Plain);
  const auto all = frames.begin() + frames.look(job_in(JobStatus::Completed), seconds(1));
  EXPECT_EQ(all.find("event: "), std::string::npos);
  EXPECT_THAT(names_of(all),
              ElementsAre("start queued", "fetch cloning", "progress analyzing", "progress validating",
                          "fetch fetching", "progress detecting", "detection", "progress detecting", "complete"));
  EXPECT_THAT(all, HasSubstr(R"("overall_score":0.025)"));
  EXPECT_THAT(all, HasSubstr(R"("suspicious_count":1)"));
}

}  // namespace
}  // namespace cadence::api
