// Characters, repair and lower case, and the one pass that counts all phrases.
#include <gtest/gtest.h>

#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/occurrences.hpp"

namespace cadence::analysis::web {
namespace {

TEST(Unicode, RepairsByteByByte) {
  EXPECT_EQ(valid_utf8("a\xc3\xa9"), "a\xc3\xa9");
  EXPECT_EQ(valid_utf8("a\xff"
                       "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(valid_utf8("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(valid_utf8("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd") << "a surrogate is no character";
  EXPECT_EQ(valid_utf8("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd") << "overlong";
  EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80").size(), 12U) << "beyond U+10FFFF";
  EXPECT_EQ(count_characters("a\xc3\xa9\xf0\x9f\x98\x80\xff"), 4U);
}

TEST(Unicode, LowersCharacterByCharacter) {
  EXPECT_EQ(lower_case("AbC \xc3\x89\xce\xa3\xd0\x96"), "abc \xc3\xa9\xcf\x83\xd0\xb6");
  EXPECT_EQ(lower_case("\xc4\xb0\xe2\x84\xaa"), "ik");
  EXPECT_EQ(lower_case("\xf0\x90\x90\x80"), "\xf0\x90\x90\xa8") << "Deseret";
  EXPECT_EQ(lower_case("\xc4\x80\xc4\x81"), "\xc4\x81\xc4\x81") << "every second letter of a run";
  EXPECT_EQ(lower_case("\xff"), "\xef\xbf\xbd");
}

TEST(Occurrences, CountAsThoughEachPhraseWereLookedForAlone) {
  const std::vector<std::string> phrases = {"a",   "aa",       "aba",     " all ", "unique", "unique solution",
                                            "que", "\xc3\xa9", "solution"};
  const PhraseFinder finder(phrases);
  for (const std::string text : {"", "aaaa", "ababababa", " all all all ", "unique solution unique", "quequniqueue",
                                 "caf\xc3\xa9 \xc3\xa9\xc3", "aabaaba all "}) {
    const Occurrences occurrences(text, finder);
    for (const std::string& phrase : phrases)
      EXPECT_EQ(occurrences.of(phrase), count_occurrences(text, phrase)) << text << ": " << phrase;
    EXPECT_EQ(occurrences.of("olut"), count_occurrences(text, "olut")) << "a phrase the finder does not know";
  }
}

}  // namespace
}  // namespace cadence::analysis::web
