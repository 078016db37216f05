// Links that open one job until a certain time: what opens, what does not, and keys that come and go.
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "links/key_file.hpp"

namespace cadence::links {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kJob = "0f7b6a0e-58a5-4d43-9a0b-0f3a0c8f3d52", kOther = "0f7b6a0e-58a5-4d43-9a0b-0f3a0c8f3d53";
const std::string kOld = "old-key-0123456789abcdef0123456789abcdef", kNew = "new-key-0123456789abcdef0123456789abcdef";

base::Wall at(std::int64_t seconds) { return base::Wall(std::chrono::seconds(seconds)); }

std::string signature_in(const std::string& query) { return query.substr(query.find("signature=") + 10); }

// Worked out by hand: printf '%s' "$TEXT" | openssl dgst -sha256 -hmac "$KEY" -binary | basenc --base64url
TEST(Links, AreHmacOverPurposeJobAndTime) {
  EXPECT_EQ(sign(kOld, kJob, at(1'800'000'000)),
            "until=1800000000&signature=GcSbb6CY2i05eeUuUkoGjtXgMhnoM0cmOEkqZd8wos0");
}

TEST(Links, OpenTheirJobUntilTheirTime) {
  const auto signature = signature_in(sign(kOld, kJob, at(1000)));
  struct Row {
    const char* what;
    std::vector<std::string> keys;
    std::string job, until, signature;
    std::int64_t now;
    Standing standing;
  };
  for (const auto& row : {
           Row{"in time", {kOld}, kJob, "1000", signature, 999, Standing::Good},
           Row{"the last second", {kOld}, kJob, "1000", signature, 1000, Standing::Good},
           Row{"over", {kOld}, kJob, "1000", signature, 1001, Standing::Over},
           Row{"a later time", {kOld}, kJob, "2000", signature, 999, Standing::Wrong},
           Row{"the same number in other words", {kOld}, kJob, "01000", signature, 999, Standing::Wrong},
           Row{"no number", {kOld}, kJob, "", signature, 999, Standing::Wrong},
           Row{"beyond every number", {kOld}, kJob, "99999999999999999999", signature, 999, Standing::Wrong},
           Row{"another job", {kOld}, kOther, "1000", signature, 999, Standing::Wrong},
           Row{"ids have no case",
               {kOld},
               "0F7B6A0E-58A5-4D43-9A0B-0F3A0C8F3D52",
               "1000",
               signature,
               999,
               Standing::Good},
           Row{"another key", {kNew}, kJob, "1000", signature, 999, Standing::Wrong},
           Row{"any of the keys", {kNew, kOld}, kJob, "1000", signature, 999, Standing::Good},
           Row{"no key", {}, kJob, "1000", signature, 999, Standing::Wrong},
           Row{"no signature", {kOld}, kJob, "1000", "", 999, Standing::Wrong},
           Row{"padding", {kOld}, kJob, "1000", signature + "=", 999, Standing::Wrong},
           Row{"a part of it", {kOld}, kJob, "1000", signature.substr(0, 42), 999, Standing::Wrong},
       })
    EXPECT_EQ(check(row.keys, row.job, row.until, row.signature, at(row.now)), row.standing) << row.what;
}

TEST(Links, AreTheSameAllDay) {
  constexpr std::int64_t kDay = 86400;
  using std::chrono::days;
  EXPECT_EQ(end_of(at(20 * kDay + 1), days(30)), at(51 * kDay));
  EXPECT_EQ(end_of(at(21 * kDay), days(30)), at(51 * kDay));
  EXPECT_EQ(end_of(at(21 * kDay + 1), days(30)), at(52 * kDay));
}

TEST(LinkKeys, AreLines) {
  const auto keys = read_keys("# the new one\n" + kNew + "\n\n  " + kOld + "\r\n");
  ASSERT_TRUE(keys) << keys.error().message;
  EXPECT_EQ(*keys, (std::vector<std::string>{kNew, kOld}));
  struct Row {
    std::string text, said;
  };
  std::string many;
  for (int i = 0; i < 9; ++i) many += kOld + "\n";
  for (const auto& row : {Row{"", "holds no key"}, Row{"# none\n", "holds no key"},
                          Row{kOld + "\nshort-secret\n", "line 2 has a key of fewer than 32 characters"},
                          Row{many, "line 9 is one key too many"}}) {
    const auto refused = read_keys(row.text);
    ASSERT_FALSE(refused) << row.text;
    EXPECT_THAT(refused.error().message, HasSubstr(row.said));
    EXPECT_THAT(refused.error().message, Not(HasSubstr("short-secret")));
  }
}

struct LinkFile : ::testing::Test {
  ~LinkFile() override { std::filesystem::remove(path); }
  void write(const std::string& text) const { std::ofstream(path) << text; }
  Standing standing_of(const std::string& url) const {
    const auto query = url.substr(url.find('?') + 1);
    const auto until = query.substr(6, query.find('&') - 6);
    return links.check(kJob, until, signature_in(query), at(1000));
  }
  std::filesystem::path path = "/tmp/cadence-links-test-" + std::to_string(getpid());
  Links links{{path, "https://cadence.example/base", std::chrono::days(1)}};
};

TEST_F(LinkFile, KeysAreReplacedWithoutAGapAndRevoked) {
  write(kOld + "\n");
  ASSERT_TRUE(links.refresh());
  const auto link = links.url_of(kJob, at(1000));
  EXPECT_THAT(link, StartsWith("https://cadence.example/base/pages/jobs/" + kJob + "?until=172800&signature="));
  EXPECT_EQ(standing_of(link), Standing::Good);

  write(kNew + "\n" + kOld + "\n");
  ASSERT_TRUE(links.refresh());
  const auto next = links.url_of(kJob, at(1000));
  EXPECT_NE(next, link);
  EXPECT_EQ(standing_of(link), Standing::Good);
  EXPECT_EQ(standing_of(next), Standing::Good);

  write(kNew + "\n");
  ASSERT_TRUE(links.refresh());
  EXPECT_EQ(standing_of(link), Standing::Wrong);
  EXPECT_EQ(standing_of(next), Standing::Good);
}

TEST_F(LinkFile, AFileThatCannotBeUsedOpensNothing) {
  write(kOld);
  ASSERT_TRUE(links.refresh());
  const auto link = links.url_of(kJob, at(1000));
  for (const bool is_there : {true, false}) {
    if (is_there) write("short");
    else std::filesystem::remove(path);
    const auto refused = links.refresh();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("webhook.links.key_file"));
    EXPECT_EQ(standing_of(link), Standing::Wrong);
  }
  EXPECT_EQ(links.url_of(kJob, at(1000)), "https://cadence.example/base/pages/jobs/" + kJob)
      << "who follows it signs in";
}

TEST(LinkOptions, AreLinksOnlyWhereTheServerIsKnownToBe) {
  Links links{{{}, "", std::chrono::days(1)}};
  EXPECT_TRUE(links.refresh());
  EXPECT_EQ(links.url_of(kJob, at(1000)), "");
}

}  // namespace
}  // namespace cadence::links
