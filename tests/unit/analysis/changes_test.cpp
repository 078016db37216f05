// Sections 3, 4.1, 4.2, 4.4 and 4.5: what differs between two trees, which file was renamed, what counts.
#include <gtest/gtest.h>

#include "analysis/git/glob.hpp"
#include "analysis/git/measure.hpp"
#include "analysis/git/similarity.hpp"
#include "memory_objects.hpp"

namespace cadence::analysis::git {
namespace {

using Files = std::vector<MemoryObjects::File>;

std::string printed(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    if (!change.before) {
      text += "+" + change.after->path;
    } else if (!change.after) {
      text += "-" + change.before->path;
    } else if (change.before->path == change.after->path) {
      text += "~" + change.before->path;
    } else {
      text += change.before->path + ">" + change.after->path;
    }
    text += " ";
  }
  return text;
}

std::string compared(const Files& before, const Files& after, const Bounds& bounds = {}) {
  MemoryObjects objects;
  const Oid old_tree = objects.tree(before);
  const auto changes = compare_trees(objects, old_tree, objects.tree(after), bounds, {});
  return changes ? printed(*changes) : changes.error().message;
}

Measurement measured(const Files& before, const Files& after, const std::vector<std::string>& exclude = {},
                     const Bounds& bounds = {}) {
  MemoryObjects objects;
  const Oid old_tree = objects.tree(before);
  return measure(objects, old_tree, objects.tree(after), exclude, bounds, {}).value();
}

TEST(TreeChanges, AddDeleteModify) {
  EXPECT_EQ(compared({{"a", "1\n"}, {"d/b", "2\n"}, {"d/c", "3\n"}},
                     {{"a", "1\n"}, {"d/b", "22\n"}, {"d/e/f", "x\n"}, {"g", "y\n"}}),
            "~d/b -d/c +d/e/f +g ");
}

TEST(TreeChanges, ModeAloneCountsButNotTheOldGroupWritableOne) {
  EXPECT_EQ(compared({{"a", "1"}, {"b", "1"}}, {{"a", "1", "100755"}, {"b", "1", "100664"}}), "~a ");
}

TEST(TreeChanges, FileBecomesFolder) {
  EXPECT_EQ(compared({{"a", numbered(0, 9)}}, {{"a/b", lines(7)}, {"a/c", lines(8, "beta")}}), "-a +a/b +a/c ");
}

// Ten trees, each with the next one ten times: ten billion paths in two kilobytes.
Oid bomb(MemoryObjects& objects, const std::string& content) {
  Oid tree = objects.tree({{"f", content}});
  for (int level = 0; level < 10; ++level) {
    std::string entries;
    for (int i = 0; i < 10; ++i) entries += MemoryObjects::entry("40000", std::to_string(i), tree);
    tree = objects.put(ObjectKind::Tree, entries);
  }
  return tree;
}

TEST(TreeChanges, TreesThatStandForMorePathsThanMemoryHoldsAreListedUpToTheBound) {
  MemoryObjects objects;
  Bounds bounds;
  bounds.max_listed_bytes = 1 << 20;
  const Oid none = objects.tree({});
  const Oid first = bomb(objects, "1\n");
  const Oid second = bomb(objects, "2\n");
  for (const auto& [before, after] : {std::pair(none, first), std::pair(first, none), std::pair(first, second)}) {
    objects.reads = 0;
    const auto changes = compare_trees(objects, before, after, bounds, {});
    ASSERT_TRUE(changes.is_ok());
    EXPECT_GT(changes->size(), 1000U);
    EXPECT_LT(changes->size(), (1U << 20U) / sizeof(Change));
    EXPECT_LT(objects.reads, (1U << 20U) / 64);
  }
}

// Each path costs what its folder's name costs: a long one and many entries must not be copied for nothing.
TEST(TreeChanges, PathsThatNothingCanHoldAreNotBuilt) {
  MemoryObjects objects;
  std::string entries;
  const Oid blob = objects.blob("1\n");
  for (int i = 0; i < 200'000; ++i) entries += MemoryObjects::entry("100644", "a", blob);
  const Oid inner = objects.put(ObjectKind::Tree, entries);
  const auto around = [&](const Oid& tree) {
    return objects.put(ObjectKind::Tree, MemoryObjects::entry("40000", std::string(4 << 20, 'n'), tree));
  };
  const Oid other = objects.put(ObjectKind::Tree, entries.substr(entries.size() / 2));
  Bounds bounds;
  bounds.max_listed_bytes = 64 << 20;
  for (const auto& [before, after] :
       {std::pair(objects.tree({}), around(inner)), std::pair(around(inner), around(other))}) {
    const auto changes = compare_trees(objects, before, after, bounds, {});
    ASSERT_TRUE(changes.is_ok());
    EXPECT_LT(changes->size(), 20U);
  }
}

TEST(TreeChanges, FoldersWithoutFilesComeToAnEndToo) {
  MemoryObjects objects;
  Oid tree = objects.tree({});
  for (int level = 0; level < 40; ++level) {
    std::string entries;
    for (const char* name : {"a", "b"}) entries += MemoryObjects::entry("40000", name, tree);
    tree = objects.put(ObjectKind::Tree, entries);
  }
  Bounds bounds;
  bounds.max_listed_bytes = 1 << 20;
  const auto changes = compare_trees(objects, objects.tree({{"A", "1"}}), tree, bounds, {});
  ASSERT_TRUE(changes.is_ok());
  EXPECT_EQ(printed(*changes), "-A ");
}

TEST(TreeChanges, EqualSubtreesAreNotRead) {
  MemoryObjects objects;
  const Oid before = objects.tree({{"big/x", "1"}, {"a", "1"}});
  const Oid after = objects.tree({{"big/x", "1"}, {"a", "2"}});
  ASSERT_TRUE(compare_trees(objects, before, after, {}, {}).is_ok());
  EXPECT_EQ(objects.reads, 2U);
}

TEST(TreeChanges, UnreadableTreeDropsThePair) {
  MemoryObjects objects;
  const Oid before = objects.tree({{"d/x", "1"}});
  const Oid after = objects.tree({{"d/x", "2"}});
  objects.lose(objects.tree({{"x", "2"}}));
  EXPECT_FALSE(measure(objects, before, after, {}, {}, {}));
}

TEST(Renames, EqualContentOnce) { EXPECT_EQ(compared({{"a", "same\n"}}, {{"b", "same\n"}}), "a>b "); }

TEST(Renames, EqualContentNeedsTheSameMode) {
  EXPECT_EQ(compared({{"a", "same\n"}}, {{"b", "same\n", "100755"}}), "-a +b ");
  EXPECT_EQ(compared({{"a", "t", "120000"}}, {{"b", "t", "120000"}}), "a>b ");
}

TEST(Renames, OneAddTakesTheDeleteOfTheBestName) {
  EXPECT_EQ(compared({{"one.txt", "s"}, {"two.txt", "s"}}, {{"new/two.txt", "s"}}), "-one.txt two.txt>new/two.txt ");
}

TEST(Renames, OneAddIsLostWhenItsBestNamesakeCannotBeTaken) {
  EXPECT_EQ(compared({{"one.txt", "s"}, {"two.txt", "s", "100755"}}, {{"new/two.txt", "s"}}), "-one.txt -two.txt ");
  EXPECT_EQ(compared({{"d/a", "s"}, {"d/b", "s"}}, {{"c", "s"}}), "-d/a -d/b ");  // no name score above 0
}

TEST(Renames, OneDeleteTakesTheAddOfTheBestName) {
  EXPECT_EQ(compared({{"two.txt", "s"}}, {{"new/one.md", "s"}, {"new/two.txt", "s"}}),
            "+new/one.md two.txt>new/two.txt ");
  EXPECT_EQ(compared({{"d/x", "s"}}, {{"a", "s"}, {"b", "s"}}), "+a d/x>b ");  // no namesake, but similar all the same
}

TEST(Renames, SeveralOnBothSidesGreedilyByName) {
  EXPECT_EQ(compared({{"a/x.c", "s"}, {"a/y.c", "s"}}, {{"b/x.c", "s"}, {"b/y.c", "s", "100755"}}),
            "a/x.c>b/x.c a/y.c>b/y.c ");
  EXPECT_EQ(compared({{"a/x.c", "s"}, {"a/y.c", "s"}, {"a/z.c", "s"}}, {{"b/y.c", "s"}, {"b/z.c", "s"}}),
            "-a/x.c a/y.c>b/y.c a/z.c>b/z.c ");
}

TEST(Renames, SimilarContent) {
  EXPECT_EQ(compared({{"a.txt", numbered(0, 100)}}, {{"b.txt", numbered(0, 80) + numbered(200, 220)}}), "a.txt>b.txt ");
  EXPECT_EQ(compared({{"a.txt", numbered(0, 100)}}, {{"b.txt", numbered(0, 50) + numbered(200, 250)}}),
            "-a.txt +b.txt ");
  // regular files only
  EXPECT_EQ(compared({{"a.txt", numbered(0, 100)}}, {{"b.txt", numbered(0, 80), "100755"}}), "-a.txt +b.txt ");
}

TEST(Renames, MostSimilarFirst) {
  EXPECT_EQ(compared({{"a", numbered(0, 100)}}, {{"b", numbered(0, 70)}, {"c", numbered(0, 95)}}), "a>c +b ");
}

TEST(Renames, SizesTooFarApartAreNotCompared) {
  EXPECT_EQ(compared({{"a", lines(100)}}, {{"b", lines(59)}}), "-a +b ");
  EXPECT_EQ(compared({{"a", lines(100)}}, {{"b", lines(61)}}), "a>b ");
}

TEST(Renames, TooManyCandidatesAreNotCompared) {
  Bounds bounds;
  bounds.max_rename_comparisons = 0;
  EXPECT_EQ(compared({{"a", numbered(0, 100)}}, {{"b", numbered(0, 99)}}, bounds), "-a +b ");
}

TEST(NameScore, FoldersFromBothSidesAndTheEndOfTheName) {
  EXPECT_EQ(name_score("a/b.c", "a/b.c"), 100U);
  EXPECT_EQ(name_score("a.c", "b.c"), 83U);      // folders 100, file 66
  EXPECT_EQ(name_score("a/x.c", "b/x.c"), 62U);  // left 0, right 50: 12.5 + 50
  EXPECT_EQ(name_score("x", "y"), 50U);          // no folders on both sides
  EXPECT_EQ(name_score("d/x", "y"), 0U);
  EXPECT_EQ(name_score("src/a/x.c", "src/b/x.c"), 70U);  // left 66, right 16
}

TEST(ContentScore, SharedWeightOfTheHeavierFile) {
  const auto score = [](std::string_view a, std::string_view b) {
    return content_score(weigh_blocks(a), weigh_blocks(b));
  };
  EXPECT_EQ(score("", ""), 10000U);
  EXPECT_EQ(score("a\nb\n", "b\na\n"), 10000U);
  EXPECT_EQ(score("aa\nbb\n", "aa\ncc\n"), 5000U);
  EXPECT_EQ(score("aa\nbb\n", "aa\r\nbb\r\n"), 10000U);                            // CR of CRLF does not count in text
  EXPECT_EQ(score(std::string("a\n\0\n", 4), std::string("a\r\n\0\r\n", 6)), 0U);  // it does in binary files
  EXPECT_EQ(weigh_blocks(std::string(130, 'x')).by_key.size(), 2U);                // 64, 64 and 2 bytes
  // the CR fills the block, the LF is its own
  EXPECT_EQ(weigh_blocks(std::string(63, 'x') + "\r\n").by_key.size(), 2U);
}

TEST(Counts, EmptyLinesDoNotCountButBlankOnesDo) {
  const Measurement m = measured({{"a", "x\n\ny\n"}}, {{"a", "x\n\n\n \nz\n\r\n"}});
  EXPECT_EQ(m.counts, (LineCounts{3, 1, 1}));
  EXPECT_EQ(m.added.code(), "\n \nz\n\r");
}

TEST(Counts, LineWithAndWithoutLfDiffer) {
  EXPECT_EQ(measured({{"a", "x"}}, {{"a", "x\n"}}).counts, (LineCounts{1, 1, 1}));
}

TEST(Counts, BinaryAndModeChangesAndRenamesCountAsFiles) {
  const std::string binary("\0\1", 2);
  const Measurement m = measured({{"bin", binary}, {"mode", "1"}, {"old", "same"}},
                                 {{"bin", binary + "x"}, {"mode", "1", "100755"}, {"new", "same"}});
  EXPECT_EQ(m.counts, (LineCounts{0, 0, 4}));
  EXPECT_TRUE(m.has_diff);
  EXPECT_EQ(m.added.line_count(), 0U);
}

TEST(Counts, NulBehindThe8000thByteIsText) {
  const std::string text = std::string(7999, 'x') + "\n" + std::string(1, '\0') + "\n";
  EXPECT_EQ(measured({}, {{"a", text}}).counts.additions, 2);
  EXPECT_EQ(measured({}, {{"a", text.substr(1)}}).counts.additions, 0);
}

TEST(Counts, SubmodulesAreNoFiles) {
  const Measurement m = measured({{"m", "1", "160000"}}, {{"m", "2", "160000"}});
  EXPECT_EQ(m.counts, (LineCounts{}));
  EXPECT_FALSE(m.has_diff);
  EXPECT_EQ(measured({{"m", "1", "160000"}}, {{"m", "text\n"}}).counts, (LineCounts{1, 0, 1}));
}

TEST(Counts, UnreadableAndTooLargeFiles) {
  MemoryObjects objects;
  const Oid before = objects.tree({});
  const Oid after = objects.tree({{"a", "lost\n"}, {"b", "kept\n"}});
  objects.lose(objects.blob("lost\n"));
  EXPECT_EQ(measure(objects, before, after, {}, {}, {})->counts, (LineCounts{1, 0, 1}));
  Bounds bounds;
  bounds.max_file_bytes = 10;
  EXPECT_EQ(measured({}, {{"a", lines(10)}}, {}, bounds).counts, (LineCounts{0, 0, 1}));
}

TEST(Counts, ExcludedFilesAreNotEvenRead) {
  MemoryObjects objects;
  const Oid before = objects.tree({});
  const Oid after = objects.tree({{"a.lock", "1\n"}});
  objects.reads = 0;
  EXPECT_EQ(measure(objects, before, after, {"*.lock"}, {}, {})->counts, (LineCounts{0, 0, 0}));
  EXPECT_EQ(objects.reads, 2U);  // the trees
}

TEST(AddedText, InChangeOrderWithoutPlusLines) {
  const Measurement m = measured({{"b", "1\n"}}, {{"b", "1\n++x\n+y\n\n"}, {"a", "first"}});
  EXPECT_EQ(m.added.code(), "first\n+y\n");
  ASSERT_EQ(m.added.line_count(), 3U);
  EXPECT_EQ(m.added.line(0), "first");
  EXPECT_EQ(m.added.line(1), "+y");
  EXPECT_EQ(m.added.line(2), "");
  EXPECT_EQ(m.counts.additions, 3);
}

TEST(Exclude, LeavesFilesOutOfEverything) {
  const Measurement m =
      measured({{"gone.lock", "1\n"}}, {{"a.c", "1\n2\n"}, {"dist/deep/b.js", "1\n2\n3\n"}}, {"*.lock", "dist/**"});
  EXPECT_EQ(m.counts, (LineCounts{2, 0, 1}));
  EXPECT_EQ(m.added.line_count(), 2U);
  EXPECT_FALSE(measured({}, {{"x.lock", "1\n"}}, {"*.lock"}).has_diff);
}

TEST(Exclude, PatternRules) {
  struct Row {
    std::string pattern, path;
    bool matches;
  };
  const Row rows[] = {{"*.png", "a/b.png", true},
                      {"a/*.c", "a/x.c", true},
                      {"a/*.c", "a/b/x.c", false},
                      {"?.c", "d/x.c", true},
                      {"[a-c]x", "bx", true},
                      {"[^a-c]x", "bx", false},
                      {"[^a-c]x", "dx", true},
                      {"\\*", "*", true},
                      {"\\*", "x", false},
                      {"[x", "x", false},
                      {"a\\", "a\\", false},
                      {"a*b*c", "aXbYbZc", true},
                      {"dist/**", "dist/a/b/c", true},
                      {"dist/**", "x/dist/a", false},
                      {"dist/**", "dist", false},
                      {"*/gen/**", "x/gen/a/b", true},
                      {"*", "a/b", true},
                      {"?", "\xc3\xa9", true},
                      {"[\xc3\xa8-\xc3\xaa]", "\xc3\xa9", true},
                      {"", "a", false},
                      {"[]", "]", false},
                      {"[-]", "-", false},
                      {"[\\-]", "-", true},
                      {"a?b", "a/b", false}};
  for (const Row& row : rows)
    EXPECT_EQ(is_excluded({row.pattern}, row.path), row.matches) << row.pattern << " " << row.path;
}

TEST(Exclude, HostilePatternIsFast) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(matches_glob(pattern + "b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace cadence::analysis::git
