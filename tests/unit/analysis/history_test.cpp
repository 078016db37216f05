// Sections 2.3 and 2.4: the order of commits and which are compared.
#include <gtest/gtest.h>

#include <limits>

#include "analysis/git/history.hpp"
#include "memory_objects.hpp"

namespace cadence::analysis::git {
namespace {

// The example of section 2.4: tip D, merge M of C and S2, line C-B-A, S1 on B, S2 on S1.
struct ExampleHistory {
  MemoryObjects objects;
  std::map<std::string, Oid> commits;
  std::map<Oid, std::string> names;

  Oid add(const std::string& name, const std::vector<std::string>& parents, std::int64_t time) {
    std::vector<Oid> oids;
    for (const std::string& parent : parents) oids.push_back(commits.at(parent));
    names[commits[name] = objects.commit(oids, time, name)] = name;
    return commits[name];
  }
  ExampleHistory() {
    add("A", {}, 100);
    add("B", {"A"}, 200);
    add("C", {"B"}, 300);
    add("S1", {"B"}, 400);
    add("S2", {"S1"}, 500);
    add("M", {"C", "S2"}, 600);
    add("D", {"M"}, 700);
  }
  History list(const std::string& tip) {
    auto history = list_history(objects, commits.at(tip), {});
    EXPECT_TRUE(history.is_ok());
    return std::move(*history);
  }
  std::string order(const History& history) {
    std::string text;
    for (const HistoryCommit& commit : history) text += names.at(commit.oid) + " ";
    return text;
  }
  std::string pairs(const History& history, Profile profile) {
    std::string text;
    for (const PairPlan& pair : plan_pairs(history, profile)) {
      text += "(" + names.at(history[pair.current].oid) + "," + names.at(history[pair.previous].oid) + ")";
    }
    return text;
  }
};

// Each merge of a line names a parent a hundred thousand times that comes last of all.
TEST(CommitOrder, ParentsThatWaitAreBounded) {
  MemoryObjects objects;
  const Oid last = objects.commit({}, 1, "last");
  Oid tip = objects.commit({}, 2, "root");
  for (int merges = 0; merges < 45; ++merges) {
    std::vector<Oid> parents(100'000, last);
    parents.insert(parents.begin(), tip);
    tip = objects.commit(parents, 3 + merges, "merge");
  }
  const auto history = list_history(objects, tip, {});
  ASSERT_FALSE(history.is_ok());
  EXPECT_NE(history.error().message.find("4000000 parents of its merges wait"), std::string::npos)
      << history.error().message;
}

TEST(CommitOrder, FirstParentLineThenTheSideBranchOfTheOldestMerge) {
  ExampleHistory example;
  EXPECT_EQ(example.order(example.list("D")), "D M C B A S2 S1 ");
}

TEST(CommitOrder, SideBranchesFromTheOldestMergeOn) {
  ExampleHistory example;
  example.add("T1", {"D"}, 800);
  example.add("E", {"D"}, 900);
  example.add("N", {"E", "T1"}, 1000);
  EXPECT_EQ(example.order(example.list("N")), "N E D M C B A S2 S1 T1 ");
}

TEST(CommitOrder, ManyParentsInOrder) {
  ExampleHistory example;
  example.add("X", {"A"}, 800);
  example.add("Y", {"A"}, 900);
  example.add("O", {"B", "X", "Y"}, 1000);
  EXPECT_EQ(example.order(example.list("O")), "O B A X Y ");
}

TEST(Pairs, UpstreamComparesNeighboursInTheList) {
  ExampleHistory example;
  EXPECT_EQ(example.pairs(example.list("D"), Profile::Upstream), "(D,M)(C,B)(B,A)(S2,S1)");
}

TEST(Pairs, CorrectedComparesWithTheFirstParent) {
  ExampleHistory example;
  EXPECT_EQ(example.pairs(example.list("D"), Profile::Corrected), "(D,M)(C,B)(B,A)(S2,S1)(S1,B)");
}

TEST(Pairs, NotYoungerIsNoPair) {
  ExampleHistory example;
  example.add("Same", {"D"}, 700);
  example.add("Older", {"Same"}, 10);
  const History history = example.list("Older");
  EXPECT_EQ(example.pairs(history, Profile::Corrected), "(D,M)(C,B)(B,A)(S2,S1)(S1,B)");
}

TEST(Pairs, TimesAtTheEdgesOfTheRangeDoNotOverflow) {
  ExampleHistory example;
  example.add("Past", {"A"}, std::numeric_limits<std::int64_t>::min());
  example.add("Future", {"Past"}, std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(example.pairs(example.list("Future"), Profile::Corrected), "");
}

TEST(Pairs, OneCommitMakesNone) {
  ExampleHistory example;
  const History history = example.list("A");
  EXPECT_EQ(history.size(), 1U);
  EXPECT_TRUE(plan_pairs(history, Profile::Corrected).empty());
  EXPECT_TRUE(plan_pairs(history, Profile::Upstream).empty());
}

TEST(History, MissingParentFailsWithItsName) {
  ExampleHistory example;
  example.objects.lose(example.commits.at("A"));
  const auto history = list_history(example.objects, example.commits.at("D"), {});
  ASSERT_FALSE(history.is_ok());
  EXPECT_EQ(history.error().message, "Could not read commit " + example.commits.at("A").hex() + ": no such object");
}

TEST(History, LongLinesNeedNoDepth) {
  MemoryObjects objects;
  Oid tip = objects.commit({}, 1);
  for (int i = 2; i <= 20000; ++i) tip = objects.commit({tip}, i);
  EXPECT_EQ(list_history(objects, tip, {})->size(), 20000U);
}

TEST(History, StopEndsIt) {
  ExampleHistory example;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(list_history(example.objects, example.commits.at("D"), stop.get_token()).error().kind,
            base::ErrorKind::Canceled);
}

TEST(CommitObject, ReadsAuthorTimeAndMessage) {
  const Commit commit = parse_commit(
      "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 0123456789012345678901234567890123456789\n"
      "author  A <B> C  <a@b> 1700000000 -0330\ncommitter X <x@y> 1 +0000\ngpgsig -----BEGIN\n author fake <f> 9 "
      "+0000\n\n"
      "\nSubject\n\nauthor not me\n");
  EXPECT_EQ(commit.tree.hex(), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  ASSERT_EQ(commit.parents.size(), 1U);
  EXPECT_EQ(commit.author, "A <B> C");
  EXPECT_EQ(commit.email, "a@b");
  EXPECT_EQ(commit.time, 1700000000);
  EXPECT_EQ(commit.message, "\nSubject\n\nauthor not me\n");
}

TEST(CommitObject, TextIsReadInTheEncodingThatTheCommitNames) {
  const auto parsed = [](const std::string& name, const std::string& header, const std::string& message) {
    const Commit commit = parse_commit("author " + name + " <a@b> 1 +0000\n" + header + "\n" + message);
    return commit.author + ": " + commit.message;
  };
  const std::string jorg = "J\xc3\xb6rg: sch\xc3\xb6n \xe2\x80\x93 \xe2\x82\xac\n";
  EXPECT_EQ(parsed("J\xf6rg", "encoding ISO-8859-1\n", "sch\xf6n \x96 \x80\n"), jorg);
  EXPECT_EQ(parsed("J\xf6rg", "encoding latin-1\n", "sch\xf6n \x96 \x80\n"), jorg);
  EXPECT_EQ(parsed("J\xf6rg", "", "sch\xf6n \x96 \x80\n"), jorg) << "older than git's asking";
  EXPECT_EQ(parsed("J\xf6rg", "encoding no-such/..//IGNORE\n", "sch\xf6n \x96 \x80\n"), jorg);
  EXPECT_EQ(parsed("J\xc3\xb6rg", "", "sch\xc3\xb6n \xe2\x80\x93 \xe2\x82\xac\n"), jorg);
  EXPECT_EQ(parsed("J\x94rg", "encoding CP850\n", "sch\x94n\n"), "J\xc3\xb6rg: sch\xc3\xb6n\n");
  EXPECT_EQ(parsed("\xd6\xec", "encoding gb2312\n", "\xe9\x46\n"), "\xe6\x9c\xb1: \xe9\x95\x95\n");
  EXPECT_EQ(parsed("\x82\xa0", "encoding SHIFT-JIS\n", "\x83\x5c\n"), "\xe3\x81\x82: \xe3\x82\xbd\n");
  EXPECT_EQ(parsed("\xff", "encoding UTF-8\n", "\xff\n"), "\xef\xbf\xbd: \xef\xbf\xbd\n")
      << "wrong bytes of what is named";
}

TEST(CommitObject, DatesBefore1970AndBrokenOnes) {
  EXPECT_EQ(parse_commit("author A <a> -86400 +0000\n\n").time, -86400);
  EXPECT_EQ(parse_commit("author A <a> later\n\nx").time, 0);
  EXPECT_EQ(parse_commit("author A").author, "");
  EXPECT_EQ(parse_commit("").message, "");
  EXPECT_EQ(parse_commit("parent short\n\n").parents.size(), 0U);
}

TEST(TreeObject, StopsAtTheFirstMalformedEntry) {
  const std::string oid(20, '\1');
  const std::string good = "100664 a" + std::string(1, '\0') + oid;
  EXPECT_EQ(parse_tree(good).at(0).mode, EntryMode::Regular);
  EXPECT_EQ(parse_tree(good + "100755 b" + std::string(1, '\0') + "short").size(), 1U);
  EXPECT_EQ(parse_tree("x").size(), 0U);
  EXPECT_EQ(parse_tree("160000 m" + std::string(1, '\0') + oid).at(0).mode, EntryMode::Submodule);
}

TEST(Oid, HexBothWays) {
  EXPECT_EQ(Oid::from_hex("00112233445566778899AABBCCDDEEFF00112233")->hex(),
            "00112233445566778899aabbccddeeff00112233");
  EXPECT_FALSE(Oid::from_hex("0011"));
  EXPECT_FALSE(Oid::from_hex("0011223344556677889900112233445566778z99"));
}

}  // namespace
}  // namespace cadence::analysis::git
