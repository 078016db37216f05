#include <gtest/gtest.h>

#include "opinion/ask.hpp"
#include "opinion/mask.hpp"

namespace cadence::opinion {
namespace {

Question question_of(std::size_t findings) {
  Question question{"commits", {{"commits", 41}}, {}};
  for (std::size_t i = 0; i < findings; ++i)
    question.findings.push_back({"id" + std::to_string(i), "message " + std::to_string(i), "low", {"reason"}, {}});
  return question;
}

Options options() {
  Options chosen;
  chosen.model = "small-model";
  chosen.api_key = "k-secret";
  return chosen;
}

std::string answer(const std::string& content) {
  return json::dump({{"choices", {{{"message", {{"content", content}}}}}}});
}

TEST(Question, IsBounded) {
  auto question = question_of(500);
  for (auto& finding : question.findings) finding.text = std::string(100'000, 'x') + "\xff\x01";
  auto chosen = options();
  chosen.max_commits = 100;
  const auto [body, shown] = request_body(question, chosen);
  EXPECT_LE(body.size(), 65'536U);
  ASSERT_TRUE(json::parse(body));
  EXPECT_LT(shown, 100U);
  EXPECT_EQ((*json::parse((*json::parse(body))["messages"][1]["content"].get<std::string>()))["findings"].size(),
            shown);
  EXPECT_EQ(body.find("k-secret"), std::string::npos);
  chosen.max_commits = 3;
  const auto few = json::parse(request_body(question_of(10), chosen).text);
  const auto data = json::parse((*few)["messages"][1]["content"].get<std::string>());
  EXPECT_EQ((*data)["findings"].size(), 3U);
  EXPECT_EQ((*few)["max_tokens"], 1500);
}

TEST(Question, HoldsCodeOnlyWhereAFindingHasSomeAndNoSecrets) {
  auto question = question_of(2);
  EXPECT_EQ(request_body(question, options()).text.find("added"), std::string::npos);
  question.findings[1].code = "int a;\nconst char* password = \"hunter2\";\n" + std::string(50'000, 'x');
  question.findings[0].text = "Use ghp_a1b2c3d4e5f6g7h8i9j0k1l2 for now";
  const auto body = request_body(question, options()).text;
  EXPECT_LT(body.size(), 8'000U);
  const auto data = json::parse((*json::parse(body))["messages"][1]["content"].get<std::string>());
  EXPECT_FALSE((*data)["findings"][0].contains("added"));
  EXPECT_EQ((*data)["findings"][0]["text"], "Use [masked] for now");
  EXPECT_TRUE(
      (*data)["findings"][1]["added"].get<std::string>().starts_with("int a;\nconst char* password = [masked]"));
}

TEST(Mask, TakesOutWhatHasTheFormOfASecret) {
  const std::pair<const char*, const char*> rows[] = {
      {"password = \"hunter2\"  # mine", "password = [masked]"},
      {"  db_password: hunter2", "  db_password: [masked]"},
      {"\"apiKey\": \"abc\",", "\"apiKey\": [masked]"},
      {"config['secret'] => 'abc'", "config['secret'] => [masked]"},
      {"export AWS_SECRET_ACCESS_KEY=abc/def", "export AWS_SECRET_ACCESS_KEY=[masked]"},
      {"Authorization: Basic dXNlcjpwYXNz", "Authorization: [masked]"},
      {"curl https://me:word@mill.example/a", "curl https://[masked]@mill.example/a"},
      {"key AKIAIOSFODNN7EXAMPLE0 here", "key [masked] here"},
      {"a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b", "a [masked] b"},
      {"-----BEGIN PRIVATE KEY-----\nMII", "[masked]"},
      {"password = \"O'Brien-2024\"", "password = [masked]"},
      {"secret = \"ab\\\"rest\"", "secret = [masked]"},
      {"token = \"\"\"\nhunter2\n\"\"\" + x\nnext", "token = [masked]\nnext"},
      {"password = \"p\xe4sswort\"", "password = [masked]"},
      {"passwords[\"x\"] = \"abc\"", "passwords[\"x\"] = [masked]"},
      {"DB_PASS=abc", "DB_PASS=[masked]"},
      {"Mend it\n\nSigned-off-by: Mira <mira@mill.example>\n", "Mend it\n\n[masked]\n"},
      {"ask mira@mill.example, or see https://mill.example/@mira", "ask [masked], or see https://mill.example/@mira"},
      {"for (int i = 0; i < tokens.size(); ++i) sum += weight[i];",
       "for (int i = 0; i < tokens.size(); ++i) sum += weight[i];"},
      {"the token and the password are read from a file", "the token and the password are read from a file"},
      {"static_cast<std::uint64_t>(value)", "static_cast<std::uint64_t>(value)"},
      {"", ""}};
  for (const auto& [code, masked] : rows) EXPECT_EQ(without_secrets(code), masked) << code;
  EXPECT_EQ(without_secrets(std::string("a\0\xff", 3)), std::string("a\0\xff", 3));
}

TEST(Answer, OfTheRightShapeIsRead) {
  const auto read = read_answer(answer(
                                    R"({"view":"unclear","confidence":0.25,"summary":"s",
    "commits":[{"id":"id1","view":"likely_human","reason":"r"}]})"),
                                question_of(2), options());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->view, View::Unclear);
  EXPECT_EQ(read->confidence, 0.25);
  ASSERT_EQ(read->commits.size(), 1U);
  EXPECT_EQ(read->commits[0], (CommitView{"id1", View::LikelyHuman, "r"}));
}

TEST(Answer, OfAnyOtherShapeIsRefused) {
  const auto entry = [](const std::string& commits) {
    return answer(R"({"view":"unclear","confidence":0.5,"summary":"s","commits":)" + commits + "}");
  };
  const std::string bodies[] = {
      "",
      "<html>",
      "[]",
      "{}",
      R"({"choices":[]})",
      R"({"choices":{}})",
      R"({"choices":[null]})",
      R"({"choices":[{"message":{"content":5}}]})",
      answer(""),
      answer("It looks human to me."),
      answer("[]"),
      answer(R"({"view":"yes","confidence":0.5,"summary":""})"),
      answer(R"({"view":"unclear","confidence":1.5,"summary":""})"),
      answer(R"({"view":"unclear","confidence":"1","summary":""})"),
      answer(R"({"view":"unclear","summary":""})"),
      answer(R"({"view":"unclear","confidence":0.5,"summary":")" + std::string(5000, 'a') + "\"}"),
      entry("{}"),
      entry("[5]"),
      entry(R"([{"id":"other","view":"unclear","reason":""}])"),
      entry(R"([{"id":"id0","view":"maybe","reason":""}])"),
      entry(R"([{"id":"id0","view":"unclear"},{"id":"id0","view":"unclear"},{"id":"id0","view":"unclear"}])"),
      std::string(3000, '[')};
  for (const auto& body : bodies) EXPECT_FALSE(read_answer(body, question_of(2), options())) << body.substr(0, 200);
}

TEST(Ask, FailsWithoutSayingTheKey) {
  auto chosen = options();
  chosen.base_url = "http://127.0.0.1:1/v1";
  const auto refused = ask(question_of(1), chosen, {});  // in clear text
  EXPECT_NE(refused.problem, "");
  chosen.api_key.clear();
  EXPECT_NE(ask(question_of(1), chosen, {}).problem.find("not public"), std::string::npos);
  chosen.api_key = "two\r\nX-Other: lines";
  chosen.base_url = "https://127.0.0.1:1/v1";
  EXPECT_NE(ask(question_of(1), chosen, {}).problem.find("characters"), std::string::npos);
  chosen.api_key_file = "/nonexistent/key";
  EXPECT_NE(ask(question_of(1), chosen, {}).problem.find("/nonexistent/key"), std::string::npos);
  chosen.model.clear();
  EXPECT_NE(ask(question_of(1), chosen, {}).problem.find("ai.model"), std::string::npos);
}

}  // namespace
}  // namespace cadence::opinion
