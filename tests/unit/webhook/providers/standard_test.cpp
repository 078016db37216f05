#include "ingest/providers/standard.hpp"

#include "support.hpp"

namespace cadence::ingest {
namespace {

// Keys 0, 1, … 31; both signatures are over "msg_1.1700000000." and the body, made by another implementation.
const std::string kSymmetric = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const std::string kPublic = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const std::string kBody = R"({"type":"push"})";
const std::string kV1 = "v1,sF4CqPi5/nxPTs7k10cAfV6XdSw1GtAUnYVrmIvCZ40=";
const std::string kV1a = "v1a,fR7CgNoiNevm4mw3MElS7ZAxW8IwF4sMSZsb26bo+QKZIKxER0y0+GM7yk2YJbEfxp7INdtDWhvfF2xO4ivhBw==";

std::string by(const std::string& signature, std::vector<Secret> secrets, std::string id = "msg_1",
               std::string timestamp = "1700000000", const std::string& body = kBody, base::Wall now = kNow) {
  return proven_by(
      standard(),
      {{"webhook-id", std::move(id)}, {"webhook-timestamp", std::move(timestamp)}, {"webhook-signature", signature}},
      body, std::move(secrets), now);
}

TEST(StandardWebhooks, EachVersionHasItsKindOfSecret) {
  EXPECT_EQ(by(kV1, {{kSymmetric, {}}}), kSymmetric);
  EXPECT_EQ(by(kV1a, {{kPublic, {}}}), kPublic);
  EXPECT_EQ(by(kV1, {{kPublic, {}}}), "unproven");
  EXPECT_EQ(by(kV1a, {{kSymmetric, {}}}), "unproven");
  EXPECT_EQ(by("v2,AAAA v1,AAAA " + kV1a + " " + kV1, {{kPublic, {}}, {kSymmetric, {}}}), kSymmetric + "+" + kPublic);
}

TEST(StandardWebhooks, IdTimeAndBodyAreSigned) {
  for (const auto& [signature, secret] : {std::pair{kV1, kSymmetric}, {kV1a, kPublic}}) {
    EXPECT_EQ(by(signature, {{secret, {}}}, "msg_2"), "unproven");
    EXPECT_EQ(by(signature, {{secret, {}}}, "msg_1", "1700000001"), "unproven");
    EXPECT_EQ(by(signature, {{secret, {}}}, "msg_1", "1700000000", kBody + " "), "unproven");
  }
}

TEST(StandardWebhooks, TimeMustBeNear) {
  using std::chrono::seconds;
  for (const int off : {-300, 300})
    EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg_1", "1700000000", kBody, kNow + seconds(off)), kSymmetric);
  for (const int off : {-301, 301})
    EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg_1", "1700000000", kBody, kNow + seconds(off)),
              "timestamp_out_of_tolerance");
  EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg_1", "9223372036854775807"), "timestamp_out_of_tolerance");
  EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg_1", "-9223372036854775808"), "timestamp_out_of_tolerance");
}

TEST(StandardWebhooks, OddHeadersAreRefused) {
  EXPECT_EQ(by("", {{kSymmetric, {}}}), "missing_signature");
  EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, ""), "missing_signature");
  EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg_1", ""), "missing_signature");
  EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg.1"), "invalid_signature") << "it could be another id, time and body";
  for (const char* time : {"now", "1.7e9", "1700000000 ", "99999999999999999999"})
    EXPECT_EQ(by(kV1, {{kSymmetric, {}}}, "msg_1", time), "invalid_signature") << time;
  for (const char* signature : {"v1", "v1,###", "v2,AAAA", ",", " ", "sha256=aa"})
    EXPECT_EQ(by(signature, {{kSymmetric, {}}}), "invalid_signature") << signature;
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "v1,AAAA ";
  EXPECT_EQ(by(many + kV1, {{kSymmetric, {}}}), "unproven") << "no more than a sender would send";
}

TEST(StandardWebhooks, SecretsAreChecked) {
  EXPECT_TRUE(standard().check_secret(kSymmetric));
  EXPECT_TRUE(standard().check_secret(kPublic));
  for (const char* wrong : {"", "hush", "whsec_", "whsec_c2hvcnQ=", "whsec_###", "whpk_AAAA", "whsk_AAAA"})
    EXPECT_FALSE(standard().check_secret(wrong)) << wrong;
}

TEST(StandardPush, HasGithubsShapeBelowDataOrBesideType) {
  const std::string repository =
      R"("repository":{"full_name":"potters/kiln","clone_url":"https://h/potters/kiln.git"})";
  const std::string job = "standard_push https://h/potters/kiln.git kiln potters/kiln trunk 9c ";
  EXPECT_EQ(read_as(standard(), {},
                    R"({"type":"repository.push","timestamp":"2026-03-04T10:00:00Z",)" +
                        std::string(R"("data":{"ref":"refs/heads/trunk","after":"9c",)") + repository + "}}"),
            job);
  EXPECT_EQ(read_as(standard(), {}, R"({"type":"push","ref":"refs/heads/trunk","after":"9c",)" + repository + "}"),
            job);
  EXPECT_EQ(read_as(standard(), {}, R"({"type":"user.created","data":{"ref":5}})"), "ignored user.created ");
  EXPECT_EQ(read_as(standard(), {}, R"({"type":"push","data":{"ref":5}})"), "error data.ref must be a string");
  EXPECT_EQ(read_as(standard(), {}, R"({"type":"user.created","data":{"id":"x"}})"), "ignored user.created ");
  EXPECT_EQ(read_as(standard(), {}, R"({"type":"push","data":"x"})"), "error data must not be a single value");
}

}  // namespace
}  // namespace cadence::ingest
