#include "ingest/providers/azure_devops.hpp"

#include "support.hpp"

namespace cadence::ingest {
namespace {

std::string push(const std::string& updates) {
  return R"({"subscriptionId":"s","notificationId":3,"id":"03c1","eventType":"git.push","publisherId":"tfs",
    "message":{"text":"Mira pushed"},"resource":{"commits":[{"commitId":"9c","comment":"m"}],"refUpdates":[)" +
         updates + R"(],"repository":{"id":"278d","name":"kiln","url":"https://dev.azure.example/_apis/278d",
      "project":{"id":"6ce9","name":"glaze"},"defaultBranch":"refs/heads/trunk",
      "remoteUrl":"https://potters@dev.azure.example/potters/glaze/_git/kiln"},
    "pushedBy":{"displayName":"Mira","uniqueName":"mira@example.org"},"pushId":14},"resourceVersion":"1.0"})";
}

std::string update(const std::string& name, const std::string& to) {
  return R"({"name":")" + name + R"(","oldObjectId":"1f","newObjectId":")" + to + R"("})";
}

std::vector<net::Header> basic(const std::string& credentials) {
  return {{"Authorization", "Basic " + base::to_base64(credentials)}};
}

TEST(AzureDevOpsPush, BecomesAJobForEachBranch) {
  const std::string updates = update("refs/heads/trunk", "9c") + "," +
                              update("refs/heads/gone", "0000000000000000000000000000000000000000") + "," +
                              update("refs/heads/glaze", "9e");
  EXPECT_EQ(read_as(azure_devops(), {}, push(updates)),
            "azure_devops_push https://potters@dev.azure.example/potters/glaze/_git/kiln kiln potters/glaze/kiln trunk "
            "9c Mira\n"
            "azure_devops_push https://potters@dev.azure.example/potters/glaze/_git/kiln kiln potters/glaze/kiln glaze "
            "9e Mira");
  EXPECT_EQ(std::get<Push>(*azure_devops().read(head_of({}), push(updates))).id, "03c1");
}

TEST(AzureDevOpsPush, OtherEventsAreIgnored) {
  EXPECT_EQ(read_as(azure_devops(), {}, R"({"eventType":"workitem.created","resource":{"id":5}})"),
            "ignored workitem.created ");
  EXPECT_EQ(read_as(azure_devops(), {}, push(update("refs/tags/v1", "9c"))), "ignored push tag");
  EXPECT_EQ(read_as(azure_devops(), {}, R"({"resource":{"refUpdates":{}}})"),
            "error resource.refupdates must not be an object");
}

TEST(AzureDevOps, ShowsUserAndPassword) {
  const std::vector<Secret> secrets{{"mira:hush", {}}, {"alone", {}}};
  EXPECT_EQ(proven_by(azure_devops(), basic("mira:hush"), "", secrets), "mira:hush");
  EXPECT_EQ(proven_by(azure_devops(), basic("anybody:alone"), "", secrets), "alone");
  EXPECT_EQ(proven_by(azure_devops(), basic(":alone"), "", secrets), "alone");
  for (const char* wrong : {"mira:hus", "other:hush", "alone:", "alone", "x:mira:hush", "", ":"})
    EXPECT_EQ(proven_by(azure_devops(), basic(wrong), "", secrets), "invalid_credentials") << wrong;
  EXPECT_EQ(proven_by(azure_devops(), {}, "", secrets), "missing_credentials");
  EXPECT_EQ(proven_by(azure_devops(), {{"Authorization", "Bearer x"}}, "", secrets), "missing_credentials");
  EXPECT_EQ(proven_by(azure_devops(), {{"Authorization", "Basic ###"}}, "", secrets), "invalid_credentials");
  EXPECT_EQ(proven_by(azure_devops(), {{"authorization", "BASIC " + base::to_base64("mira:hush")}}, "", secrets),
            "mira:hush");
}

}  // namespace
}  // namespace cadence::ingest
