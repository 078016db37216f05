// Section 4.3: the line difference. The rows were made with the reference implementation of Diff-Match-Patch (version
// 20241021, half match on, no line mode); a token is a letter here.
#include <gtest/gtest.h>

#include <random>

#include "analysis/git/measure.hpp"
#include "analysis/git/token_diff.hpp"
#include "analysis/git/token_search.hpp"
#include "memory_objects.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::uint64_t kSteps = 1'000'000'000;

struct Row {
  const char *before, *after, *chunks;
};

const Row kRows[] = {
    {"abc", "ab123c", "=[ab]+[123]=[c]"},
    {"a123bc", "abc", "=[a]-[123]=[bc]"},
    {"abc", "a123b456c", "=[a]+[123]=[b]+[456]=[c]"},
    {"kitten", "sitting", "-[k]+[s]=[itt]-[e]+[i]=[n]+[g]"},
    {"aaaa", "bbbb", "-[aaaa]+[bbbb]"},
    {"xaay", "aaxyaa", "-[x]=[aa]+[x]=[y]+[aa]"},
    {"aaeace", "a", "=[a]-[aeace]"},
    {"hbrejn", "hbrejn", "=[hbrejn]"},
    {"vfdssugldrwcsbtgpvrnykosoljhzfwyhcs", "vfdswcsbtggpvrnyrpvrnyrnykosoljkosoljhzfwyhcs",
     "=[vfds]-[sugldr]=[wcsbtg]+[g]=[pvrny]+[rpvrnyrnykosolj]=[kosoljhzfwyhcs]"},
    {"bijff", "hjhbbehba", "-[bi]+[h]=[j]-[ff]+[hbbehba]"},
    {"dcadcbeadabcbbdddabddecbdecdcdbbabbb", "", "-[dcadcbeadabcbbdddabddecbdecdcdbbabbb]"},
    {"eacg", "eacgea", "=[eacg]+[ea]"},
    {"a", "a", "=[a]"},
    {"", "", ""},
    {"cbbcbbaabbbbbaaacbc", "cbbcbcbababaabaabcbaacbc",
     "=[cbbcb]+[c]=[ba]+[b]=[ab]+[aa]=[b]-[b]+[aa]=[b]+[c]=[b]-[a]=[aacbc]"},
    {"", "cbe", "+[cbe]"},
    {"endmokc", "cgvjzd", "-[en]+[cgvjz]=[d]-[mokc]"},
    {"babacabba", "aacbcbbbabbac", "-[b]=[a]-[b]=[ac]+[bcbbb]=[abba]+[c]"},
    {"ed", "ed", "=[ed]"},
    {"jeibbdbbeeacecgegciijhfbeacgbeabe", "jeibbdbbceecegccegciijhfbeacgbe",
     "=[jeibbdbb]+[c]=[ee]-[a]=[ce]+[g]=[c]-[g]+[c]=[egciijhfbeacgbe]-[abe]"},
    {"debc", "debc", "=[debc]"},
    {"", "daabaadecbbcb", "+[daabaadecbbcb]"},
    {"deahccehaeffifdaedfcafgbheiddiabebcgja", "deahccehaeffifdaedfjcafgbheiddiabeffifdaedfebcgja",
     "=[deahccehaeffifdaedf]+[j]=[cafgbheiddiab]+[effifdaedf]=[ebcgja]"},
    {"bbbab", "bbbbbaba", "=[bbb]+[bb]=[ab]+[a]"},
    {"abbaaabbbbbbbbabbbaaaaababbbbaaaaabababbaabbbabbbabbbaaab", "bbbbaaabbbaabbbaaaaaabaa",
     "-[a]+[bb]=[bbaaa]-[bbbbb]=[bbba]-[bbbaaaa]=[ab]-[abb]=[bbaaaaa]-[b]=[aba]-[bb]=[a]-[abbbabbbabbbaaab]"},
    {"aba", "baaababb", "+[baa]=[aba]+[bb]"},
    {"", "", ""},
    {"bababba", "babbabaabbabbabb", "=[bab]+[baba]=[abba]+[bbabb]"},
    {"cacabaaacabacaabbcbcaaabaacccbabccbbbbaaaababbacabbbb", "cacabaaacabacaabbcbcaaabaccabbbbb",
     "=[cacabaaacabacaabbcbcaaaba]-[a]=[cc]-[cb]=[ab]-[ccbbbbaaaababbaca]=[bbbb]"},
    {"abbbbabbbbaa", "abbbbababbbbabbbbaa", "+[abbbbab]=[abbbbabbbbaa]"},
    {"abbbbaaba", "abbbbaaba", "=[abbbbaaba]"},
    {"", "baba", "+[baba]"},
    {"ibcgegeega", "ibceegagegdcaagcggeega", "=[ibc]+[eega]=[ge]+[gdcaagcg]=[geega]"},
    {"babaabbaaa", "bbaabbabaabb", "+[bbaab]=[babaabb]-[aaa]"},
    {"abacaabcabbaaacaaccacbabcbccbcbbcabbcbbcbaaacbbabcbabbaaabbbabcccaacaacbccaacb", "aacccaaabbaccaabc",
     "=[a]-[b]=[ac]-[aab]=[c]-[abbaaa]=[caa]-[cc]=[a]-[c]=[b]-[abc]=[b]-[ccbcbbc]=[a]-[bb]=[c]-[bb]=[c]-[b]=[aa]-["
     "acbba]=[bc]-[babbaaabbbabcccaacaacbccaacb]"},
    {"ecdbc", "ebccabbdbcdb", "=[e]+[b]=[c]+[cabb]=[dbc]+[db]"},
    {"bbabb", "bbbab", "=[bb]-[a]=[b]+[a]=[b]"},
    {"bbe", "", "-[bbe]"},
    {"ecaabbceddecabdbeaa", "ecaabecdebbcbcedde",
     "=[ecaab]-[bc]=[e]-[d]+[c]=[de]+[bb]=[c]-[a]=[b]+[ce]=[d]-[b]+[d]=[e]-[aa]"},
    {"bbbaabbbaa", "a", "-[bbbaabbba]=[a]"},
    {"baaddadbcbbcbdcbddecadbdaecbebeebaadbeceddeedcadbbaacaeb",
     "baaddcadbcbbcbdcbddecadbdaadbdaecbeecbebeebaadbeceddeedcaeb",
     "=[baadd]+[c]=[adbcbbcbdcbddecadbda]+[adbdaecbe]=[ecbebee]=[baadbeceddeed]-[cadbbaa]=[caeb]"},
};

Tokens tokens_of(std::string_view text) { return {text.begin(), text.end()}; }

std::string printed(const std::vector<Chunk>& chunks) {
  std::string text;
  for (const Chunk& chunk : chunks) {
    text += chunk.edit == Edit::Equal ? "=[" : chunk.edit == Edit::Delete ? "-[" : "+[";
    text += std::string(chunk.tokens.begin(), chunk.tokens.end()) + "]";
  }
  return text;
}

std::string side(const std::vector<Chunk>& chunks, Edit left_out) {
  std::string text;
  for (const Chunk& chunk : chunks) {
    if (chunk.edit != left_out) text.append(chunk.tokens.begin(), chunk.tokens.end());
  }
  return text;
}

TEST(TokenDiff, EqualsTheReference) {
  for (const Row& row : kRows) {
    EXPECT_EQ(printed(diff_tokens(tokens_of(row.before), tokens_of(row.after), kSteps)), row.chunks)
        << row.before << " " << row.after;
  }
}

TEST(TokenDiff, ChunksGiveBothSequencesAgainWithAnyNumberOfSteps) {
  std::mt19937 random(20);
  const auto text = [&](std::size_t letters) {
    std::string made(random() % 200, 'a');
    for (char& c : made) c = static_cast<char>('a' + random() % letters);
    return made;
  };
  for (int round = 0; round < 400; ++round) {
    const std::size_t letters = 1 + random() % 12;
    const std::string before = text(letters);
    const std::string after = text(letters);
    for (const std::uint64_t steps : {kSteps, std::uint64_t{200}, std::uint64_t{0}}) {
      const auto chunks = diff_tokens(tokens_of(before), tokens_of(after), steps);
      EXPECT_EQ(side(chunks, Edit::Insert), before);
      EXPECT_EQ(side(chunks, Edit::Delete), after);
    }
  }
}

TEST(TokenDiff, EmptySides) {
  EXPECT_TRUE(diff_tokens({}, {}, kSteps).empty());
  EXPECT_EQ(printed(diff_tokens({}, tokens_of("a"), kSteps)), "+[a]");
  EXPECT_EQ(printed(diff_tokens(tokens_of("a"), {}, kSteps)), "-[a]");
}

TEST(TokenDiff, ManyEqualLinesStayLinear) {
  std::string before(200000, 'a');
  std::string after = "b" + before + "b" + before;
  before += "c";
  EXPECT_EQ(side(diff_tokens(tokens_of(before), tokens_of(after), kSteps), Edit::Delete).size(), after.size());
}

TEST(CleanUp, JoinsFactorsOutAndSlides) {
  const auto cleaned = [](std::vector<Chunk> chunks) {
    clean_up(chunks);
    return printed(chunks);
  };
  const auto c = [](Edit edit, std::string_view text) { return Chunk{edit, tokens_of(text)}; };
  EXPECT_EQ(cleaned({c(Edit::Equal, "a"), c(Edit::Equal, "b")}), "=[ab]");
  EXPECT_EQ(cleaned({c(Edit::Insert, "a"), c(Edit::Delete, "b"), c(Edit::Insert, "c")}), "-[b]+[ac]");
  EXPECT_EQ(cleaned({c(Edit::Delete, "a"), c(Edit::Insert, "abc"), c(Edit::Delete, "dc")}), "=[a]-[d]+[b]=[c]");
  EXPECT_EQ(cleaned({c(Edit::Equal, "a"), c(Edit::Insert, "ba"), c(Edit::Equal, "c")}), "+[ab]=[ac]");
  EXPECT_EQ(cleaned({c(Edit::Equal, "c"), c(Edit::Insert, "ab"), c(Edit::Equal, "a")}), "=[ca]+[ba]");
}

TEST(TokenSearch, FindsOverlappingPlaces) {
  std::vector<std::size_t> places;
  const Tokens text = tokens_of("ababab");
  const Tokens wanted = tokens_of("abab");
  for_each_place(text, wanted, [&](std::size_t place) {
    places.push_back(place);
    return true;
  });
  EXPECT_EQ(places, (std::vector<std::size_t>{0, 2}));
  EXPECT_FALSE(find_tokens(wanted, text));
}

TEST(CompareLines, TextsWithoutCommonLines) {
  const LineDifference difference = compare_lines(numbered(0, 30000, "old"), numbered(0, 30000, "new"), kSteps);
  EXPECT_EQ(difference.additions, 30000);
  EXPECT_EQ(difference.deletions, 30000);
}

TEST(CompareLines, StepsEndAHopelessSearch) {
  std::mt19937 random(5);
  std::string before;
  std::string after;
  for (int i = 0; i < 4000; ++i) {
    before += std::to_string(random() % 40) + "\n";
    after += std::to_string(random() % 40) + "\n";
  }
  const LineDifference difference = compare_lines(before, after, 100000);
  EXPECT_GT(difference.additions, 0);
  EXPECT_EQ(difference.additions, difference.deletions);
}

}  // namespace
}  // namespace cadence::analysis::git
