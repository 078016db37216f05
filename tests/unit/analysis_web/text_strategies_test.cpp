// Sections 4.1 and 4.2 of the specification, each rule at both sides of its threshold.
#include <gtest/gtest.h>

#include "facts.hpp"

namespace cadence::analysis::web {
namespace {

struct Row {
  const char* rule;
  const char* strategy;
  std::string text;
  double severity;  // 0: silent
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_DOUBLE_EQ(severity(row.strategy, row.text), row.severity) << row.rule;
}

TEST(WebStrategy1, OverusedPhrases) {
  check(
      {{"D1: two in 300 words", "overused_phrases", filler(298) + "synergy leveraging", 0},
       {"D2: two in 299 words", "overused_phrases", filler(297) + "synergy leveraging", 0.6688963210702341},
       {"none at all, w < 150", "overused_phrases", filler(80), 0},
       {"one, w < 150", "overused_phrases", filler(99) + "synergy", 1},
       {"any case", "overused_phrases", filler(99) + "SynERGY", 1},
       {"within a word", "overused_phrases", filler(99) + "dissynergyc", 1},
       {"a curly apostrophe does not match", "overused_phrases", filler(60) + "it\xe2\x80\x99s worth noting that", 0}});
  const auto finding =
      judge_text("overused_phrases",
                 filler(60) + "scalable solution, synergy, furthermore, leveraging, next level, in conclusion");
  EXPECT_EQ(finding->examples,
            (std::vector<std::string>{"in conclusion", "furthermore", "next level", "synergy", "leveraging"}));
}

TEST(WebStrategy2, GenericLanguage) {
  check({{"three in 300", "generic_language", filler(297) + "various robust ensure", 0},
         {"three in 299", "generic_language", filler(296) + "various robust ensure", 3 / (299.0 / 80)},
         {"overlapping entries each count", "generic_language", filler(198) + "unique solution", 0},
         {"and tip the scale", "generic_language", filler(197) + "unique solution", 2 / (199.0 / 80)},
         {"diverse matches in diversely", "generic_language", filler(60) + "diversely", 1 / (61.0 / 80)}});
}

TEST(WebStrategy3, ExcessiveStructure) {
  const std::string words = filler(97);
  check({{"hyphens", "excessive_structure", words + "\n- a\n- b\n  - c\n- d", 4 / (105.0 / 25)},
         {"asterisks, bullets, numbers", "excessive_structure", words + "\n* a\n\xe2\x80\xa2 b\n12. c\n3.\td",
          4 / (105.0 / 25)},
         {"three of 103 are too few", "excessive_structure", words + "\n- a\n- b\n- c", 0},
         {"w = 100", "excessive_structure", filler(92) + "\n- a\n- b\n- c\n- d", 0},
         {"no space behind", "excessive_structure", words + "\n-a\n*b\n1.c\n2)\n3. \n-", 0}});
}

TEST(WebStrategy4, PerfectGrammar) {
  const std::string even = "one two three four five six seven eight nine. ";
  check({{"ten pieces", "perfect_grammar", repeat(even, 9), 0},
         {"eleven pieces, the last empty", "perfect_grammar", repeat(even, 10), 10.0 / 11},
         {"0.7 exactly is not above", "perfect_grammar", repeat(even, 14) + repeat("x. ", 5), 0},
         {"7 words are too few", "perfect_grammar", repeat("one two three four five six seven. ", 20), 0},
         {"26 words are too many", "perfect_grammar", repeat(filler(26) + ". ", 20), 0},
         {"20 bytes are too short", "perfect_grammar", repeat("a b c d e f g h i jk. ", 20), 0},
         {"21 bytes are enough", "perfect_grammar", repeat("a b c d e f g h i jkl. ", 20), 20.0 / 21}});
}

TEST(WebStrategy5, BoilerplateText) {
  check({{"one", "boilerplate_text", "welcome to welcome to", 0},
         {"two", "boilerplate_text", "Welcome to this post", 0.2},
         {"substrings too", "boilerplate_text", "unwelcome to as discussedly", 0.2}});
}

TEST(WebStrategy6, RepetitivePatterns) {
  const std::string same = "The old mill turns. ";
  check({{"neighbours alike", "repetitive_patterns", repeat(same, 5), 4.0 / (6 / 4)},
         {"four pieces", "repetitive_patterns", repeat(same, 3), 0},
         {"a first word in other case", "repetitive_patterns", repeat("The old mill turns. THE new mill stands. ", 3),
          5.0 / (7 / 4)},
         {"beyond ASCII", "repetitive_patterns",
          repeat("\xc3\x89tait un vieux moulin. \xc3\xa9tait un vieux moulin. ", 3), 5.0 / (7 / 4)},
         {"three words are too few", "repetitive_patterns", repeat("The mill turns. ", 6), 0},
         {"another number of words", "repetitive_patterns",
          repeat("The old mill turns. The mill turns here again. ", 4), 0},
         {"a stop without space separates nothing", "repetitive_patterns", repeat("The old mill turns.", 9), 0},
         {"a no-break space is not ASCII", "repetitive_patterns", repeat("The old mill turns.\xc2\xa0", 9), 0},
         {"runs of marks are one", "repetitive_patterns", repeat("The old mill turns?!..\r\n\t", 5), 4.0 / (6 / 4)},
         {"c = |S|/8 is not above", "repetitive_patterns", same + same + repeat("Another. ", 5) + "End", 0}});
}

TEST(WebStrategy7, MissingNuance) {
  check({{"D3: three in 120", "missing_nuance", filler(114) + "always x never x all x", 1},
         {"two in 120", "missing_nuance", filler(116) + "always x never x", 0},
         {"w = 100", "missing_nuance", filler(94) + "always x never x all x", 0},
         {"only between spaces", "missing_nuance", filler(114) + "always, never. (all) x x x", 0},
         {"a line end is no space", "missing_nuance", filler(114) + "x\nalways\nnever\nall\nx x", 0},
         {"the space is shared by none", "missing_nuance", filler(117) + "all all all x", 0}});
}

TEST(WebStrategy8, ExcessiveTransitions) {
  check({{"two in 159", "excessive_transitions", filler(157) + "however moreover", 2 / (159.0 / 60)},
         {"two in 160", "excessive_transitions", filler(158) + "however moreover", 0},
         {"w = 100", "excessive_transitions", filler(98) + "however moreover", 0}});
}

TEST(WebStrategy9, UniformSentenceLength) {
  const std::string five = "one two three four five. ";
  check({{"eleven alike", "uniform_sentence_length", repeat(five, 11), 1},
         {"ten are too few", "uniform_sentence_length", repeat(five, 10), 0},
         {"three words do not count", "uniform_sentence_length", repeat(five, 10) + repeat("one two three. ", 9), 0},
         {"variance 4", "uniform_sentence_length", repeat(filler(4) + ". " + filler(8) + ". ", 6), 0.8},
         {"variance 16", "uniform_sentence_length", repeat(filler(4) + ". " + filler(12) + ". ", 6), 0}});
  const auto finding = judge_text("uniform_sentence_length", repeat(filler(4) + ". " + filler(8) + ". ", 6));
  EXPECT_NE(finding->description.find("4.0"), std::string::npos);
  EXPECT_NE(finding->description.find("6.0"), std::string::npos);
}

TEST(WebStrategy10, AiVocabulary) {
  check({{"two", "ai_vocabulary", "realm realm tapestry", 0},
         {"D4: three", "ai_vocabulary", "realm tapestry vital", 0.375},
         {"D5: five", "ai_vocabulary", "realm tapestry vital myriad journey", 0.625},
         {"uncapped here, capped in the result", "ai_vocabulary",
          "realm tapestry vital myriad journey embark unravel unveil nuances", 1.125}});
  EXPECT_EQ(judge_text("ai_vocabulary", "vital realm unveil journey landscape myriad")->examples,
            (std::vector<std::string>{"landscape", "realm", "unveil", "journey", "vital"}));
}

TEST(WebStrategy11, EmojiOveruse) {
  const std::string smile = "\xf0\x9f\x98\x80";
  check(
      {{"four", "emoji_overuse", filler(1) + repeat(smile, 4), 0.8},
       {"five of 100 are not above 0.05", "emoji_overuse", std::string(95, 'x') + repeat(smile, 5), 0},
       {"five of 99", "emoji_overuse", std::string(94, 'x') + repeat(smile, 5), 500.0 / 99},
       {"W-04: typographic marks count", "emoji_overuse", std::string(90, 'x') + repeat("\xe2\x80\x99", 9), 900.0 / 99},
       {"U+2600 and U+2300", "emoji_overuse", "xx" + repeat("\xe2\x98\x80\xe2\x8c\x80", 3), 600.0 / 8},
       {"U+2070 and U+2400 are none", "emoji_overuse", repeat("\xe2\x81\xb0\xe2\x90\x80", 9), 0}});
}

TEST(WebStrategy12, SpecialCharacters) {
  const std::string words = filler(120);
  check({{"D6: nine hyphens", "special_characters", words + "a-b-c-d-e-f-g-h-i-j", 0},
         {"W-05: ten hyphens anywhere", "special_characters", words + "a-b-c-d-e-f-g-h-i-j-k", 0.7},
         {"three rules of hyphens", "special_characters", words + "--- --- ---", 0.65},
         {"two in a long text", "special_characters", words + "--- ---", 0},
         {"two in a short one", "special_characters", filler(60) + "--- ---", 0.65},
         {"six asterisks", "special_characters", words + "******", 0.6},
         {"five asterisks", "special_characters", words + "*****", 0},
         {"six underscores", "special_characters", words + "______", 0.6},
         {"their share", "special_characters", "a*b*c*d_e_f_g-", 0.55},
         {"the first that holds", "special_characters", "----------******", 0.7}});
}

}  // namespace
}  // namespace cadence::analysis::web
