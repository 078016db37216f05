// The quirks W-01 to W-10 (webhook-server/analysis/README.md), each in both profiles: what the corrected one mends, and
// what both reproduce.
#include <gtest/gtest.h>

#include "unit/analysis/scratch_repository.hpp"
#include "analysis/source/web/page.hpp"
#include "analysis/web/analyse.hpp"
#include "facts.hpp"

namespace cadence::analysis::web {
namespace {

bool is_upstream(Profile profile) { return profile == Profile::Upstream; }

// Enough plain words to be judged, by no strategy.
std::string words(std::size_t count) { return filler(count, "pebble"); }
// Has every hint that strategy 15 looks for, in the markup and, for upstream, in the text.
std::string hinted(const std::string& body) {
  return "<html lang=\"en\"><body><main role=\"main\">" + body +
         "<li>lang=&quot; role=&quot;</li></main></body></html>";
}

WebResult judged(const std::string& html, Profile profile) { return analyse(read_page(html).value(), {profile, {}}); }

// 0 when the strategy is silent.
double severity_of(const WebResult& result, std::string_view type) {
  for (const Pattern& pattern : result.web_patterns) {
    if (pattern.type == type) return pattern.severity;
  }
  return 0;
}

void w01_markup_strategies_see_text_only(Profile profile) {
  const std::string page = hinted("<p>" + words(60) + "<img src=a></p>");
  EXPECT_EQ(severity_of(judged(page, profile), "missing_alt_text"), is_upstream(profile) ? 0 : 1);
  const std::string shown = hinted("<p>" + words(60) + "&lt;img src=a></p>");
  EXPECT_EQ(severity_of(judged(shown, profile), "missing_alt_text"), is_upstream(profile) ? 1 : 0);
}

void w02_a_page_without_hints_is_called_generated(Profile profile) {
  const WebResult result = judged("<p>" + words(60) + "</p>", profile);
  EXPECT_EQ(result.suspicion_rate, is_upstream(profile) ? 0.7 : 0);
  EXPECT_EQ(result.assessment, is_upstream(profile) ? "Likely AI-Generated" : "Likely Human-Written");
  const WebResult with_hints = judged("<html lang=\"en\"><main role=\"main\"><p>" + words(60) + "</p></main>", profile);
  EXPECT_EQ(severity_of(with_hints, "accessibility_markers"), is_upstream(profile) ? 0.7 : 0);
}

// 1 (a phrase in few words) and 0.7 (hyphens): neither weighed nor spread over all twenty.
void w03_the_rate_is_the_plain_mean_of_what_fired(Profile profile) {
  const WebResult result = judged(hinted("<p>" + words(60) + "synergy a-b-c-d-e-f-g-h-i-j-k</p>"), profile);
  EXPECT_EQ(result.pattern_count(), 2);
  EXPECT_DOUBLE_EQ(result.suspicion_rate, (1 + 0.7) / 2);
}

void w04_typographic_marks_are_emoji(Profile profile) {
  const std::string quoted = repeat("\xe2\x80\x9cx\xe2\x80\x9d ", 60);
  EXPECT_EQ(severity_of(judged(hinted("<p>" + quoted + "</p>"), profile), "emoji_overuse"), 1);
}

void w05_ten_hyphens_anywhere(Profile profile) {
  const auto hyphens = [&](const std::string& text) {
    return severity_of(judged(hinted("<p>" + words(300) + text + "</p>"), profile), "special_characters");
  };
  EXPECT_EQ(hyphens("a-b-c-d-e-f-g-h-i-j-k"), 0.7);
  EXPECT_EQ(hyphens("a-b-c-d-e-f-g-h-i-j"), 0);
}

void w06_the_shown_count_is_of_the_main_part(Profile profile) {
  const WebResult result = judged("<main><p>sixteen byte text</p></main><p>" + words(60) + "</p>", profile);
  EXPECT_FALSE(result.is_too_short);
  EXPECT_EQ(result.word_count, 3);
  EXPECT_GT(result.character_count, 300);
}

// A server that refuses, at an address with one of the numbers in it.
void w07_numbers_in_the_address_count_as_status(Profile profile) {
  const source::FixedServer server("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false);
  source::FetchOptions options;
  options.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/room-500";
  options.allow_private_networks = true;
  options.pauses = {std::chrono::milliseconds(1)};
  options.retries_by_substring = is_upstream(profile);
  const auto page = source::fetch_page(options, {});
  ASSERT_FALSE(page);
  EXPECT_NE(page.error().message.find("returned 404"), std::string::npos) << page.error().message;
  EXPECT_EQ(page.error().message.find("attempts") != std::string::npos, is_upstream(profile)) << page.error().message;
}

void w08_markers_of_html_lists_are_no_text(Profile profile) {
  const auto items = [&](const std::string& mark) {
    const std::string list = "<ol>" + repeat("<li>" + mark + "pebble</li>", 9) + "</ol>";
    return severity_of(judged(hinted("<p>" + words(120) + "</p>" + list), profile), "excessive_structure");
  };
  EXPECT_EQ(items(""), 0);
  EXPECT_GT(items("1. "), 0);
}

// More than 500 words and none of css, theme, dark and light; of `markup` and of the text alike.
void w09_long_pages_lack_styling(Profile profile) {
  const auto styling = [&](const std::string& word) {
    return severity_of(judged(hinted("<p>" + words(501) + word + "</p>"), profile), "generic_styling");
  };
  EXPECT_EQ(styling(""), 0.5);
  EXPECT_EQ(styling("slightly"), 0) << "light is in it";
}

// The rest of section 1's limits are tests of fetch_page.
void w10_addresses_inside_the_network_are_refused(Profile) {
  for (const char* url :
       {"http://127.0.0.1:1/", "http://169.254.169.254/latest", "http://[::1]:1/", "http://10.0.0.1:1/"}) {
    source::FetchOptions options;
    options.url = url;
    const auto page = source::fetch_page(options, {});
    ASSERT_FALSE(page) << url;
    EXPECT_EQ(page.error().kind, base::ErrorKind::Forbidden) << page.error().message;
  }
}

struct Quirk {
  std::string id;
  void (*check)(Profile);
};
void PrintTo(const Quirk& quirk, std::ostream* out) { *out << quirk.id; }

const Quirk kQuirks[] = {
    {"W-01", w01_markup_strategies_see_text_only},
    {"W-02", w02_a_page_without_hints_is_called_generated},
    {"W-03", w03_the_rate_is_the_plain_mean_of_what_fired},
    {"W-04", w04_typographic_marks_are_emoji},
    {"W-05", w05_ten_hyphens_anywhere},
    {"W-06", w06_the_shown_count_is_of_the_main_part},
    {"W-07", w07_numbers_in_the_address_count_as_status},
    {"W-08", w08_markers_of_html_lists_are_no_text},
    {"W-09", w09_long_pages_lack_styling},
    {"W-10", w10_addresses_inside_the_network_are_refused},
};

using WebQuirkInProfile = ::testing::TestWithParam<std::tuple<Quirk, Profile>>;

TEST_P(WebQuirkInProfile, IsAsTheSpecificationSays) {
  const auto& [quirk, profile] = GetParam();
  SCOPED_TRACE(quirk.id);
  quirk.check(profile);
}

std::string name_of(const ::testing::TestParamInfo<std::tuple<Quirk, Profile>>& tested) {
  const auto& [quirk, profile] = tested.param;
  return quirk.id.substr(0, 1) + quirk.id.substr(2) + (is_upstream(profile) ? "Upstream" : "Corrected");
}
INSTANTIATE_TEST_SUITE_P(Web, WebQuirkInProfile,
                         ::testing::Combine(::testing::ValuesIn(kQuirks),
                                            ::testing::Values(Profile::Corrected, Profile::Upstream)),
                         name_of);

TEST(WebQuirks, NoneIsLeftOut) {
  int number = 0;
  for (const Quirk& quirk : kQuirks) {
    ++number;
    EXPECT_EQ(quirk.id, (number < 10 ? "W-0" : "W-") + std::to_string(number));
  }
  EXPECT_EQ(number, 10);
}

}  // namespace
}  // namespace cadence::analysis::web
