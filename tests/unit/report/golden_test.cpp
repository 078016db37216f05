// Every rendering of both kinds of result, against tests/golden/report. CADENCE_UPDATE_GOLDEN=1 rewrites the files.
#include <gtest/gtest.h>

#include <algorithm>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "sample.hpp"

namespace cadence::report {
namespace {

void expect_golden(const std::string& name, const std::string& rendered) {
  const auto path = std::string(CADENCE_SOURCE_DIR) + "/tests/golden/report/" + name;
  if (std::getenv("CADENCE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << rendered;
  std::ifstream file(path);
  std::stringstream expected;
  expected << file.rdbuf();
  const auto wanted = expected.str();
  const auto at = std::mismatch(wanted.begin(), wanted.end(), rendered.begin(), rendered.end()).first - wanted.begin();
  if (wanted != rendered)
    ADD_FAILURE() << path << " differs from byte " << at << " on:\n"
                  << rendered.substr(static_cast<std::size_t>(at), 200)
                  << "\nRun with CADENCE_UPDATE_GOLDEN=1 to accept.";
}

void expect_all(const std::string& name, const Report& report) {
  expect_golden(name + ".json", render_json(report));
  expect_golden(name + ".yaml", render_yaml(report));
  expect_golden(name + ".html", render_html(report));
  expect_golden(name + ".txt", render_text(report, {}));
  expect_golden(name + ".ascii.txt",
                render_text(report, {.columns = 60, .has_colour = false, .has_unicode = false, .rows = 2}));
}

TEST(ReportGolden, Repository) { expect_all("repository", git_sample()); }
TEST(ReportGolden, WebPageWithAnOpinion) { expect_all("page", web_sample()); }

}  // namespace
}  // namespace cadence::report
