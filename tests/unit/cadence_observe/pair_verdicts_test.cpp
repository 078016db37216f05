#include "cadence/observe/pair_verdicts.hpp"

#include <gtest/gtest.h>

namespace cadence::observe {
namespace {

const auto kNow = base::Wall(std::chrono::seconds(1'800'000'000));

struct Pairs {
  net::KeyPair authority = *net::make_ca("authority", std::chrono::hours(24), kNow);
  net::KeyPair other = *net::make_ca("authority", std::chrono::hours(24), kNow);
  net::KeyPair leaf = *net::issue_certificate(authority, {.common_name = "leaf", .dns_names = {"leaf"}}, kNow);
};

// Every question is asked twice: the second answer is the remembered one.
TEST(PairVerdicts, AreThoseOfTheCheckEachTime) {
  const Pairs pairs;
  PairVerdicts verdicts;
  const net::KeyPair mixed{pairs.leaf.certificate_pem, pairs.other.key_pem};
  for (int time = 0; time < 2; ++time) {
    EXPECT_EQ(verdicts.unfit_server(pairs.leaf), "");
    EXPECT_EQ(verdicts.unfit_server(mixed), net::check_server_pair(mixed).error().message);
    EXPECT_EQ(verdicts.unfit_server({}), net::check_server_pair({}).error().message);
    EXPECT_EQ(verdicts.unfit_authority(pairs.authority), "");
    EXPECT_EQ(verdicts.unfit_authority(pairs.leaf), net::check_pair(pairs.leaf, true).error().message);
    EXPECT_TRUE(verdicts.is_issued_by(pairs.leaf.certificate_pem, pairs.authority.certificate_pem));
    EXPECT_FALSE(verdicts.is_issued_by(pairs.leaf.certificate_pem, pairs.other.certificate_pem));
    const auto validity = net::certificate_validity(pairs.leaf.certificate_pem).value();
    EXPECT_EQ(verdicts.validity(pairs.leaf.certificate_pem)->begin, validity.begin);
    EXPECT_EQ(verdicts.validity(pairs.leaf.certificate_pem)->end, validity.end);
    EXPECT_FALSE(verdicts.validity("no PEM"));
  }
}

// Where one text ends and the next begins is part of the question.
TEST(PairVerdicts, TellContentsApartThatReadAlikeInARow) {
  const Pairs pairs;
  PairVerdicts verdicts;
  EXPECT_EQ(verdicts.unfit_server(pairs.leaf), "");
  EXPECT_NE(verdicts.unfit_server({"", pairs.leaf.certificate_pem + pairs.leaf.key_pem}), "");
  EXPECT_NE(verdicts.unfit_server({pairs.leaf.certificate_pem + pairs.leaf.key_pem, ""}), "");
}

TEST(PairVerdicts, AnswerTheSameAfterMoreContentsThanAreKept) {
  const Pairs pairs;
  PairVerdicts verdicts;
  EXPECT_EQ(verdicts.unfit_server(pairs.leaf), "");
  for (int i = 0; i < 2000; ++i) EXPECT_NE(verdicts.unfit_server({std::to_string(i), ""}), "");
  EXPECT_EQ(verdicts.unfit_server(pairs.leaf), "");
}

}  // namespace
}  // namespace cadence::observe
