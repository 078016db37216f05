#include <gtest/gtest.h>

#include "sample.hpp"

namespace cadence::report {
namespace {

// Through JSON text, so that both sides have seen their broken bytes replaced.
json::Value cleaned(const json::Value& value) { return *json::parse(json::dump(value)); }

TEST(Yaml, SaysWhatTheJsonSays) {
  for (const auto& report : {git_sample(), web_sample(), Report{}}) {
    const auto read = json::parse_yaml(render_yaml(report));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(cleaned(*read).dump(), cleaned(to_json(report)).dump());
  }
}

TEST(Yaml, HoldsNoCharacterThatYamlForbids) {
  const auto text = render_yaml(git_sample());
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
}

TEST(Yaml, SmallNumbersStayNumbers) {
  Report report;
  std::get<analysis::git::AnalysisResult>(report.found).coverage_rate = 1e-5;
  EXPECT_NE(render_yaml(report).find("coverage_rate: 1.0e-05"), std::string::npos);
}

}  // namespace
}  // namespace cadence::report
