#include "ingest/providers/gitea.hpp"

#include "net/http.hpp"
#include "support.hpp"

namespace cadence::ingest {
namespace {

const std::string kPush = R"({"ref":"refs/heads/trunk","before":"1f","after":"9c",
  "compare_url":"https://tea.example/potters/kiln/compare/1f...9c",
  "commits":[{"id":"9c","message":"m","url":"u","author":{"name":"Mira","email":"m@e","username":"mira"},
    "timestamp":"2026-03-04T10:00:00Z","added":["a"],"modified":[],"removed":[]}],
  "repository":{"id":140,"owner":{"id":1,"login":"potters"},"name":"kiln","full_name":"potters/kiln","private":false,
    "html_url":"https://tea.example/potters/kiln","ssh_url":"ssh://git@tea.example/potters/kiln.git",
    "clone_url":"https://tea.example/potters/kiln.git","default_branch":"trunk"},
  "pusher":{"id":1,"login":"mira","full_name":"Mira","email":"m@e","username":"mira"},"sender":{"login":"mira"}})";

struct Sender {
  const Provider& provider;
  std::string name;  // in its headers
  std::string type;
};
class GiteaAndRelatives : public testing::TestWithParam<Sender> {
 protected:
  std::string header(const std::string& what) const { return "X-" + GetParam().name + "-" + what; }
};

TEST_P(GiteaAndRelatives, PushBecomesAJob) {
  EXPECT_EQ(read_as(GetParam().provider, {{header("Event"), "push"}}, kPush),
            GetParam().type + " https://tea.example/potters/kiln.git kiln potters/kiln trunk 9c mira");
  EXPECT_EQ(read_as(GetParam().provider, {{header("Event"), "create"}}, "{"), "ignored create ");
  EXPECT_EQ(read_as(GetParam().provider, {{header("Event"), "push"}}, R"({"ref":"refs/tags/v1"})"), "ignored push tag");
}

TEST_P(GiteaAndRelatives, SignsTheBareBody) {
  const auto& provider = GetParam().provider;
  const auto signature = hex_hmac("new", kPush);
  EXPECT_EQ(proven_by(provider, {{header("Signature"), signature}}, kPush, {{"old", {}}, {"new", {}}}), "new");
  EXPECT_EQ(proven_by(provider, {{header("Signature"), signature}}, kPush + " ", {{"new", {}}}), "unproven");
  EXPECT_EQ(proven_by(provider, {{header("Signature"), "sha256=" + signature}}, kPush, {{"new", {}}}),
            "invalid_signature");
  EXPECT_EQ(proven_by(provider, {{header("Signature"), ""}}, kPush, {{"new", {}}}), "missing_signature");
}

TEST_P(GiteaAndRelatives, SignsTheJsonOfAForm) {
  const auto& provider = GetParam().provider;
  const auto body = "payload=" + net::percent_encode(kPush);
  const std::vector<net::Header> headers{{header("Signature"), hex_hmac("s", kPush)},
                                         {header("Event"), "push"},
                                         {"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(proven_by(provider, headers, body, {{"s", {}}}), "s");
  EXPECT_EQ(proven_by(provider, headers, body + "&payload=x", {{"s", {}}}), "s") << "the first counts, here and there";
  EXPECT_EQ(proven_by(provider, headers, "payload=x&" + body, {{"s", {}}}), "unproven");
  EXPECT_EQ(proven_by(provider, headers, "", {{"s", {}}}), "unproven");
  EXPECT_TRUE(read_as(provider, headers, body).starts_with(GetParam().type));
  const auto digest = [&](const std::string& form) {
    return std::get<Push>(*provider.read(head_of(headers), form)).digest;
  };
  EXPECT_EQ(digest(body), net::sha256(kPush));
  EXPECT_EQ(digest("a=b&" + body), digest(body)) << "what nobody signed makes no other delivery of it";
}

INSTANTIATE_TEST_SUITE_P(All, GiteaAndRelatives,
                         testing::Values(Sender{gitea(), "Gitea", "gitea_push"},
                                         Sender{forgejo(), "Forgejo", "forgejo_push"},
                                         Sender{gogs(), "Gogs", "gogs_push"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(Forgejo, OfBeforeItsOwnHeadersIsKnownByGiteas) {
  EXPECT_EQ(proven_by(forgejo(), {{"X-Gitea-Signature", hex_hmac("s", kPush)}}, kPush, {{"s", {}}}), "s");
  EXPECT_EQ(
      proven_by(forgejo(), {{"X-Forgejo-Signature", hex_hmac("x", kPush)}, {"X-Gitea-Signature", hex_hmac("s", kPush)}},
                kPush, {{"s", {}}}),
      "unproven")
      << "its own header is the one that counts";
  EXPECT_EQ(read_as(forgejo(), {{"X-Gitea-Event", "issues"}}, "{"), "ignored issues ");
}

}  // namespace
}  // namespace cadence::ingest
