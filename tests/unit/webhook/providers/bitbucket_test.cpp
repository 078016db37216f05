#include "ingest/providers/bitbucket.hpp"

#include "support.hpp"

namespace cadence::ingest {
namespace {

std::string cloud(const std::string& changes) {
  return R"({"actor":{"type":"user","display_name":"Mira","nickname":"mira"},
    "repository":{"type":"repository","name":"Kiln","full_name":"potters/kiln",
      "links":{"html":{"href":"https://bitbucket.org/potters/kiln"},"self":{"href":"s"}}},
    "push":{"changes":[)" +
         changes + "]}}";
}

std::string change(const std::string& type, const std::string& name, const std::string& hash) {
  return R"({"old":null,"created":true,"forced":false,"closed":false,"new":{"type":")" + type + R"(","name":")" + name +
         R"(","target":{"type":"commit","hash":")" + hash + R"("}}})";
}

const std::string kDeleted = R"({"old":{"type":"branch","name":"gone"},"new":null,"closed":true})";

std::string read_cloud(const std::string& body, const std::string& event = "repo:push") {
  return read_as(bitbucket(), {{"X-Event-Key", event}}, body);
}

TEST(BitbucketPush, BecomesAJobForEachBranch) {
  EXPECT_EQ(read_cloud(cloud(change("branch", "trunk", "9c"))),
            "bitbucket_push https://bitbucket.org/potters/kiln kiln potters/kiln trunk 9c Mira");
  const std::string two = change("branch", "trunk", "9c") + "," + kDeleted + "," + change("tag", "v1", "9d") + "," +
                          change("named_branch", "glaze", "9e");
  EXPECT_EQ(read_cloud(cloud(two)),
            "bitbucket_push https://bitbucket.org/potters/kiln kiln potters/kiln trunk 9c Mira\n"
            "bitbucket_push https://bitbucket.org/potters/kiln kiln potters/kiln glaze 9e Mira");
}

TEST(BitbucketPush, OfNoBranchIsIgnored) {
  EXPECT_EQ(read_cloud(cloud(kDeleted)), "ignored push ref deleted");
  EXPECT_EQ(read_cloud(cloud(change("tag", "v1", "9c"))), "ignored push tag");
  EXPECT_EQ(read_cloud("{", "repo:fork"), "ignored repo:fork ");
  EXPECT_EQ(read_cloud(cloud("")), "bitbucket_push https://bitbucket.org/potters/kiln kiln potters/kiln   Mira")
      << "nothing is named: the default branch";
  EXPECT_EQ(read_cloud(R"({"push":{"changes":{}}})"), "error push.changes must not be an object");
}

TEST(Bitbucket, SignsTheBody) {
  const std::string body = cloud("");
  for (const auto* provider : {&bitbucket(), &bitbucket_server()}) {
    EXPECT_EQ(proven_by(*provider, {{"X-Hub-Signature", "sha256=" + hex_hmac("s", body)}}, body, {{"s", {}}}), "s");
    EXPECT_EQ(proven_by(*provider, {{"X-Hub-Signature", "sha256=" + hex_hmac("x", body)}}, body, {{"s", {}}}),
              "unproven");
    EXPECT_EQ(proven_by(*provider, {{"X-Hub-Signature", "sha1=aa"}}, body, {{"s", {}}}), "invalid_signature");
    EXPECT_EQ(proven_by(*provider, {}, body, {{"s", {}}}), "missing_signature");
  }
}

std::string server(const std::string& changes, const std::string& links) {
  return R"({"eventKey":"repo:refs_changed","date":"2026-03-04T10:00:00+0000",
    "actor":{"name":"mira","emailAddress":"m@e","displayName":"Mira"},
    "repository":{"slug":"kiln","id":84,"name":"Kiln","scmId":"git","project":{"key":"POT","id":84,"name":"Potters"})" +
         links + R"(},"changes":[)" + changes + "]}";
}

std::string with_links(const std::string& changes) {
  return server(changes, R"(,"links":{"clone":[{"href":"ssh://git@bucket.example:7999/pot/kiln.git","name":"ssh"},
    {"href":"https://bucket.example/scm/pot/kiln.git","name":"http"}],"self":[{"href":"s"}]})");
}

std::string moved(const std::string& ref, const std::string& type, const std::string& to) {
  return R"({"ref":{"id":")" + ref + R"(","displayId":"d","type":"BRANCH"},"refId":")" + ref +
         R"(","fromHash":"1f","toHash":")" + to + R"(","type":")" + type + R"("})";
}

std::string read_server(const std::string& body, const std::string& event = "repo:refs_changed") {
  return read_as(bitbucket_server(), {{"X-Event-Key", event}}, body);
}

TEST(BitbucketServerPush, BecomesAJobForEachBranch) {
  EXPECT_EQ(read_server(with_links(moved("refs/heads/trunk", "UPDATE", "9c") + "," +
                                   moved("refs/heads/gone", "DELETE", "0000") + "," +
                                   moved("refs/heads/glaze", "ADD", "9e"))),
            "bitbucket_server_push https://bucket.example/scm/pot/kiln.git kiln POT/kiln trunk 9c Mira\n"
            "bitbucket_server_push https://bucket.example/scm/pot/kiln.git kiln POT/kiln glaze 9e Mira");
  EXPECT_EQ(read_server(server(moved("refs/heads/trunk", "UPDATE", "9c"), "")),
            "bitbucket_server_push  kiln POT/kiln trunk 9c Mira")
      << "older ones tell no URL: its job says what is missing";
  EXPECT_EQ(read_server("{\"test\":true}", "diagnostics:ping"), "ignored diagnostics:ping ");
  EXPECT_EQ(read_server(with_links(moved("refs/tags/v1", "ADD", "9c"))), "ignored push tag");
}

}  // namespace
}  // namespace cadence::ingest
