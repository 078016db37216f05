#include "ingest/answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cadence::ingest {
namespace {

using testing::HasSubstr;

struct Case {
  base::ErrorKind kind;
  int status;
  const char* code;
  bool comes_again;
};

class Refused : public testing::TestWithParam<Case> {};

// Deliveries and requests alike: a sender must learn whether, and when, it is worth coming again.
TEST_P(Refused, SaysWhyAndWhenToComeAgain) {
  for (const std::string what : {"delivery", "request"}) {
    const auto response = intake_response(base::Error{GetParam().kind, "duplicate key (secret words)"}, what);
    EXPECT_EQ(response.status, GetParam().status);
    EXPECT_THAT(response.body, HasSubstr(std::string("\"code\":\"") + GetParam().code + "\""));
    EXPECT_THAT(response.body,
                HasSubstr(GetParam().comes_again ? "send the " + what + " again" : what + " could not be stored"));
    EXPECT_EQ(!net::find_header(response.headers, "Retry-After").empty(), GetParam().comes_again);
    EXPECT_THAT(response.body, testing::Not(HasSubstr("secret words"))) << "what the store says is for the log";
  }
}

// A statement that was sent and not answered may have been committed.
TEST(Answers, IsNotToldThatNothingWasStored) {
  const auto response = intake_response(base::Error{base::ErrorKind::Transient, "no answer"}, "delivery");
  EXPECT_THAT(response.body, testing::Not(HasSubstr("nothing was stored")));
}

INSTANTIATE_TEST_SUITE_P(Errors, Refused,
                         testing::Values(Case{base::ErrorKind::Canceled, 500, "shutting_down", true},
                                         Case{base::ErrorKind::Transient, 503, "store_unavailable", true},
                                         Case{base::ErrorKind::Invalid, 500, "store_refused", false}));

TEST(FullDisk, IsSaidByName) {
  const auto response = intake_response(
      base::Error{base::ErrorKind::Transient, "Could not run a statement: " + std::string(queue::kDiskIsFull)},
      "delivery");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr(R"("code":"disk_full")"));
  EXPECT_THAT(response.body,
              HasSubstr("the disk of the job store is full; nothing was stored, send the delivery again"));
  EXPECT_FALSE(net::find_header(response.headers, "Retry-After").empty());
}

TEST(Taken, NamesTheJob) {
  const auto response =
      intake_response(queue::Accepted{.job_id = "a", .status = queue::JobStatus::Pending, .is_new = true}, "request");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, R"({"job_id":"a","status":"pending"})");
}

}  // namespace
}  // namespace cadence::ingest
