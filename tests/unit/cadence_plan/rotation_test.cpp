// What a rotation says of certificates; its stages run in cadence_apply/rotation_test.cpp.
#include "cadence/plan/secrets/rotation.hpp"

#include <gtest/gtest.h>

namespace cadence::plan {
namespace {

TEST(Bundle, HoldsEachCertificateOnceAndEightAtMost) {
  const auto certificate = [](int n) {
    return "-----BEGIN CERTIFICATE-----" + std::to_string(n) + "-----END CERTIFICATE-----\n";
  };
  std::string eight, ten;
  for (int n = 0; n < 10; ++n) {
    ten += certificate(n);
    if (n < 8) eight += certificate(n);
  }
  EXPECT_EQ(bundle({certificate(0), ten}), eight);
}

}  // namespace
}  // namespace cadence::plan
