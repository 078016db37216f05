// Which entry of webhook.feedback a job belongs to, and which entries cannot work.
#include "feedback/options.hpp"

#include <gtest/gtest.h>

#include "feedback/account.hpp"

namespace cadence::feedback {
namespace {

AccountOptions account(const std::string& provider, std::vector<std::string> repositories = {}) {
  AccountOptions made;
  made.provider = provider;
  made.token_file = "/token";
  made.repositories = std::move(repositories);
  if (forge_named(provider) != nullptr && forge_named(provider)->api_url.empty()) made.api_url = "https://git.example";
  return made;
}

queue::JobSpec push(const std::string& event_type, const std::string& full_name) {
  queue::JobSpec spec;
  spec.event_type = event_type;
  spec.full_name = full_name;
  spec.commit = std::string(40, 'c');
  return spec;
}

TEST(FeedbackAccounts, AnswerTheSendersAndRepositoriesTheyAreFor) {
  const Options options{{account("github", {"potters/*"}), account("gitlab")}, {}, false};
  const auto owes = owes_by(options);
  std::vector<std::unique_ptr<Account>> accounts;
  for (const auto& one : options.accounts) accounts.push_back(std::make_unique<Account>(one));
  const struct {
    const char *event_type, *full_name;
    int account;
  } table[] = {{"github_push", "potters/kiln", 0},
               {"github_push", "Potters/Kiln", 0},
               {"github_push", "hatters/hat", -1},
               {"gitlab_push", "hatters/hat", 1},
               {"gitlab_push", "a/b/c", 1},
               {"gitea_push", "potters/kiln", -1},
               {"api_analysis_repo", "potters/kiln", -1},
               {"github_push", "potters/../kiln", -1},
               {"github_push", "", -1}};
  for (const auto& row : table) {
    const auto spec = push(row.event_type, row.full_name);
    EXPECT_EQ(owes(spec), row.account >= 0) << row.event_type << " " << row.full_name;
    EXPECT_EQ(account_of(accounts, spec),
              row.account < 0 ? nullptr : accounts[static_cast<std::size_t>(row.account)].get());
  }
  EXPECT_EQ(owes_by({}), nullptr) << "so that the store asks nobody";
}

TEST(FeedbackApi, BeginsWhereTheProviderHasIt) {
  const struct {
    const char *forge, *configured, *text;
  } table[] = {
      {"github", "", "https://api.github.com"},
      {"github", "https://api.github.com/", "https://api.github.com"},
      {"github", "https://ghe.example", "https://ghe.example/api/v3"},
      {"github", "https://ghe.example/api/v3", "https://ghe.example/api/v3"},
      {"github", "https://api.acme.ghe.com", "https://api.acme.ghe.com"},
      {"gitlab", "", "https://gitlab.com/api/v4"},
      {"gitlab", "https://git.example:8443/lab/", "https://git.example:8443/lab/api/v4"},
      {"gitea", "https://git.example", "https://git.example/api/v1"},
      {"forgejo", "https://codeberg.org/api/v1", "https://codeberg.org/api/v1"},
      {"bitbucket", "", "https://api.bitbucket.org/2.0"},
      {"bitbucketServer", "https://bb.example", "https://bb.example/rest/api/latest"},
  };
  for (const auto& row : table) {
    const auto url = api_url_of(*forge_named(row.forge), row.configured);
    ASSERT_TRUE(url) << row.configured;
    EXPECT_EQ(url->text, row.text);
    EXPECT_FALSE(url->path.ends_with('/'));
  }
}

TEST(FeedbackOptions, ThatCannotWorkNameTheirKey) {
  const auto with = [](auto change) {
    Options options{{account("gitlab"), account("github")}, {}, false};
    change(options.accounts[1]);
    const auto checked = validate(options);
    return checked ? std::string() : checked.error().message;
  };
  EXPECT_EQ(with([](AccountOptions&) {}), "");
  EXPECT_EQ(with([](AccountOptions& a) { a.provider = "sourcehut"; }),
            "webhook.feedback[1].provider must be one of github, gitlab, gitea, forgejo, bitbucket, bitbucketServer");
  EXPECT_EQ(with([](AccountOptions& a) { a.provider = "gitea"; }),
            "webhook.feedback[1].api_url must be set: gitea runs on servers of your own");
  EXPECT_EQ(with([](AccountOptions& a) { a.api_url = "ftp://x"; }).find("webhook.feedback[1].api_url is not usable"),
            0u);
  EXPECT_EQ(with([](AccountOptions& a) { a.api_url = "git.example"; }),
            "webhook.feedback[1].api_url is not usable: must begin with https://");
  for (const char* url : {"https://mira:hush@git.example", "https://git.example/?a=b"})
    EXPECT_EQ(with([&](AccountOptions& a) { a.api_url = url; }),
              "webhook.feedback[1].api_url is not usable: must have neither a query nor a name and password");
  EXPECT_EQ(with([](AccountOptions& a) { a.api_url = "http://git.example"; }),
            "webhook.feedback[1].api_url would have the token sent in clear text: use https, or name git.example in "
            "clone.allowed_hosts");
  EXPECT_EQ(with([](AccountOptions& a) { a.token_file.clear(); }),
            "webhook.feedback[1] must have either token_file or app");
  EXPECT_EQ(with([](AccountOptions& a) { a.app_id = "7"; }), "webhook.feedback[1] must have either token_file or app");
  const auto app = [](AccountOptions& a) {
    a.token_file.clear();
    a.app_id = "7";
    a.app_key_file = "/key";
  };
  EXPECT_EQ(with(app), "");
  EXPECT_EQ(with([&](AccountOptions& a) { app(a), a.app_key_file.clear(); }),
            "webhook.feedback[1].app must have both id and key_file");
  EXPECT_EQ(with([&](AccountOptions& a) { app(a), a.app_id = "7\r\nX: y"; }),
            "webhook.feedback[1].app.id must be the App's number or its client ID");
  EXPECT_EQ(with([&](AccountOptions& a) { app(a), a.provider = "gitlab"; }),
            "webhook.feedback[1].app is for github only: use token_file");
  EXPECT_EQ(with([](AccountOptions& a) {
              a.repositories = {"potters/*", "*"};
            }),
            "webhook.feedback[1].repositories[1] must be owner/name or owner/*");
  for (const double share : {-1.0, 100.5, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(with([&](AccountOptions& a) { a.fail_above = share; }),
              "webhook.feedback[1].fail_above must be between 0 and 100");
  Options many;
  many.accounts.assign(33, account("github"));
  EXPECT_EQ(validate(many).error().message, "webhook.feedback must have at most 32 entries");
}

TEST(FeedbackOptions, ClearTextIsForHostsThatAreNamed) {
  auto plain = account("gitea");
  plain.api_url = "http://gitea.tools.svc:3000";
  EXPECT_FALSE(validate({{plain}, {}, false}));
  EXPECT_FALSE(validate({{plain}, {"gitea.example"}, false}));
  EXPECT_TRUE(validate({{plain}, {"*.tools.svc"}, false}));
  EXPECT_TRUE(validate({{plain}, {}, true}));
}

}  // namespace
}  // namespace cadence::feedback
