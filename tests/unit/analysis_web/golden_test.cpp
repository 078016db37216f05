// Whole pages and what is said of them, as text: tests/golden/web/NAME.html and NAME.txt. CADENCE_UPDATE_GOLDEN=1
// rewrites the texts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "analysis/web/analyse.hpp"

namespace cadence::analysis::web {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void describe(std::ostream& out, const std::string& name, const WebResult& result) {
  out << "== " << name << "\n"
      << result.assessment << ", rate " << result.suspicion_rate << ", score " << result.confidence_score << ", "
      << result.word_count << " words, " << result.character_count << " bytes\n";
  for (const Pattern& pattern : result.web_patterns) {
    out << pattern.type << " " << pattern.severity << ": " << pattern.description << "\n";
    for (const std::string& example : pattern.examples) out << "  " << example << "\n";
  }
}

TEST(WebGolden, PagesAreJudgedAsBefore) {
  const std::filesystem::path folder = CADENCE_SOURCE_DIR "/tests/golden/web";
  int pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".html") continue;
    ++pages;
    const auto page = read_page(content_of(entry.path()));
    ASSERT_TRUE(page) << entry.path();
    std::ostringstream text;
    text << "title: " << page->title << "\n";
    for (const std::string& heading : page->headings) text << "heading: " << heading << "\n";
    text << "== text\n" << page->text << "\n";
    describe(text, "corrected", analyse(*page, {}));
    describe(text, "upstream", analyse(*page, {Profile::Upstream, {}}));
    auto expected = entry.path();
    expected.replace_extension(".txt");
    if (std::getenv("CADENCE_UPDATE_GOLDEN") != nullptr) std::ofstream(expected, std::ios::binary) << text.str();
    EXPECT_EQ(text.str(), content_of(expected)) << entry.path();
  }
  EXPECT_GE(pages, 4);
}

}  // namespace
}  // namespace cadence::analysis::web
