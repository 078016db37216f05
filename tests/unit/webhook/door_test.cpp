// Who may read and ask: tokens, their scopes, and what is lent to whom.
#include "api/door.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

namespace cadence::api {
namespace {

using ::testing::HasSubstr;

const std::string kBoth = "both-0123456789abcdef", kRead = "read-0123456789abcdef", kAsk = "ask-0123456789abcdef";

struct Doors : ::testing::Test {
  Doors() {
    std::filesystem::create_directory(folder);
    write("people", "# of people\n" + kRead + " read\n\n" + kAsk + "  analyze\n");
  }
  ~Doors() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }
  static net::RequestHead request(const std::string& authorization, const std::string& forwarded = "") {
    net::RequestHead head;
    head.remote_address = "10.0.0.9";
    if (!authorization.empty()) head.headers.push_back({"authorization", authorization});
    if (!forwarded.empty()) head.headers.push_back({"X-Forwarded-For", forwarded});
    return head;
  }
  int status(const Door& door, const std::string& authorization, Scope scope) {
    const auto admitted = door.admit(request(authorization), scope);
    const auto* refused = std::get_if<net::Response>(&admitted);
    if (refused == nullptr) return 200;
    EXPECT_THAT(std::string(net::find_header(refused->headers, "WWW-Authenticate")),
                HasSubstr("Bearer realm=\"cadence\""));
    return refused->status;
  }

  std::filesystem::path folder = "/tmp/cadence-door-test-" + std::to_string(getpid());
  Tokens tokens{kBoth, folder};
};

TEST_F(Doors, AClosedOneWantsATokenWithTheScope) {
  ASSERT_TRUE(tokens.refresh());
  const Door door(tokens, true);
  struct Row {
    std::string authorization;
    int read, ask;
  };
  for (const auto& row : {Row{"", 401, 401},
                          {"Basic " + kBoth, 401, 401},
                          {"Bearer", 401, 401},
                          {"Bearer ", 401, 401},
                          {"Bearer x", 401, 401},
                          {"Bearer " + kBoth, 200, 200},
                          {"bearer  " + kBoth, 200, 200},
                          {"Bearer " + kBoth + "x", 401, 401},
                          {"Bearer " + kRead, 200, 403},
                          {"Bearer " + kAsk, 403, 200},
                          {"Bearer " + kRead + " read", 401, 401}}) {
    EXPECT_EQ(status(door, row.authorization, Scope::Read), row.read) << row.authorization;
    EXPECT_EQ(status(door, row.authorization, Scope::Analyze), row.ask) << row.authorization;
  }
}

TEST_F(Doors, AnOpenOneTellsStrangersFromHolders) {
  ASSERT_TRUE(tokens.refresh());
  const Door door(tokens, false);
  const auto stranger = std::get<Caller>(door.admit(request("", "6.6.6.6, 192.0.2.7"), Scope::Analyze));
  EXPECT_EQ(stranger.name, "address 192.0.2.7");
  EXPECT_FALSE(stranger.is_trusted);
  EXPECT_EQ(std::get<Caller>(door.admit(request(""), Scope::Read)).name, "address 10.0.0.9");
  const auto holder = std::get<Caller>(door.admit(request("Bearer " + kAsk), Scope::Analyze));
  EXPECT_EQ(holder.name, "token people");
  EXPECT_TRUE(holder.is_trusted);
  EXPECT_EQ(status(door, "Bearer wrong", Scope::Read), 401) << "a wrong token is no stranger's";
}

TEST_F(Doors, GuessesOfAnAddressAreFewAndAGoodTokenWaitsForNone) {
  ASSERT_TRUE(tokens.refresh());
  const Door door(tokens, true);
  const auto answer = [&](const std::string& token, const std::string& from) {
    const auto admitted = door.admit(request("Bearer " + token, from), Scope::Read);
    const auto* refused = std::get_if<net::Response>(&admitted);
    return refused == nullptr ? 200 : refused->status;
  };
  EXPECT_EQ(answer("wrong-0123456789", "192.0.2.7"), 401);
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += answer("wrong-0123456789", "192.0.2.7") == 429 ? 1 : 0;
  EXPECT_GT(refused, 50);
  EXPECT_EQ(door.begin_session(request("", "192.0.2.7"), "wrong-0123456789", {}).error().message.substr(0, 8),
            "Too many");
  EXPECT_EQ(answer(kBoth, "192.0.2.7"), 200);
  EXPECT_TRUE(door.begin_session(request("", "192.0.2.7"), kBoth, {}));
  EXPECT_EQ(answer("wrong-0123456789", "192.0.2.8"), 401);
}

TEST_F(Doors, TheFolderIsReadAgain) {
  ASSERT_TRUE(tokens.refresh());
  const Door door(tokens, true);
  write("more", "new-0123456789abcdef");
  EXPECT_EQ(status(door, "Bearer new-0123456789abcdef", Scope::Read), 401);
  ASSERT_TRUE(tokens.refresh());
  EXPECT_EQ(status(door, "Bearer new-0123456789abcdef", Scope::Read), 200);
  std::filesystem::remove(folder / "people");
  ASSERT_TRUE(tokens.refresh());
  EXPECT_EQ(status(door, "Bearer " + kRead, Scope::Read), 401) << "what was taken away counts no more";
  write("bad", "short");
  EXPECT_FALSE(tokens.refresh());
  EXPECT_EQ(status(door, "Bearer new-0123456789abcdef", Scope::Read), 200) << "the other files count";
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(tokens.refresh());
  EXPECT_EQ(status(door, "Bearer " + kBoth, Scope::Read), 200) << "the one that was given stays";
}

TEST(Tokens, AreRefusedByLineAndNeverQuoted) {
  EXPECT_EQ(read_tokens("a", "\n# none\n")->size(), 0u);
  EXPECT_EQ(read_tokens("a", "0123456789abcdef\r\nfedcba9876543210\tread,analyze\r\n")->size(), 2u);
  for (const char* text : {"\n0123456789secr", "\n0123456789abcdef secret", "\n0123456789abcdef read,secret"}) {
    const auto refused = read_tokens("people", text);
    ASSERT_FALSE(refused) << text;
    EXPECT_THAT(refused.error().message, HasSubstr("line 2 of token file people"));
    EXPECT_EQ(refused.error().message.find("secr"), std::string::npos) << refused.error().message;
  }
}

}  // namespace
}  // namespace cadence::api
