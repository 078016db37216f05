// Section 2 of the specification: what of a page is analysed, and what hostile markup may cost.
#include "analysis/web/page.hpp"

#include <gtest/gtest.h>

#include "analysis/web/prepared.hpp"
#include "facts.hpp"

namespace cadence::analysis::web {
namespace {

Page read(const std::string& html) {
  auto page = read_page(html);
  EXPECT_TRUE(page) << page.error().message;
  return page ? std::move(*page) : Page();
}

std::string text_of(const std::string& body) { return read("<!doctype html><body>" + body).text; }
std::size_t main_words_of(const std::string& body) { return read("<!doctype html><body>" + body).main_words; }

TEST(Page, TitleIsTheFirstAndTrimmed) {
  EXPECT_EQ(read("<title> The\nmill </title><title>Other</title>").title, "The\nmill");
  EXPECT_EQ(read("<body><svg><title>Icon</title></svg>").title, "Icon");
}

TEST(Page, HeadingsAreTakenBeforeRemoval) {
  const Page page = read(
      "<nav><h2> Menu </h2></nav><h1>A</h1><h6>B</h6><h3> </h3><div "
      "class=ad><h4>Buy</h4></div><script><h1>no</h1></script>");
  EXPECT_EQ(page.headings, (std::vector<std::string>{"Menu", "A", "B", "Buy"}));
  EXPECT_EQ(page.text, "A\nB");
}

TEST(Page, RemovesElementsClassesAndTheId) {
  for (const char* element : {"nav", "header", "footer", "aside"}) {
    const std::string name = element;
    EXPECT_EQ(text_of("<" + name + "><li>x</li></" + name + "><li>y</li>"), "y") << name;
  }
  for (const std::string name : {"ad", "advertisement", "sidebar", "menu", "navigation", "comment"}) {
    EXPECT_EQ(text_of("<div class='a " + name + "\tb'><li>x</li></div><li>y</li>"), "y") << name;
    EXPECT_EQ(text_of("<div class='" + name + "s'><li>x</li></div>"), "x") << "only whole tokens: " << name;
  }
  EXPECT_EQ(text_of("<div class=Ad><li>x</li></div>"), "x") << "letter case counts";
  EXPECT_EQ(text_of("<div id=comments><li>x</li></div><div id=comment><li>y</li></div>"), "y");
  EXPECT_EQ(text_of("<li>a<script>var b;</script><style>c{}</style>d</li>"), "ad");
}

TEST(Page, TextIsHeadingsThenParagraphsThenItems) {
  EXPECT_EQ(text_of("<ul><li>item</li></ul><p>a paragraph of twenty-one</p><h2>Head</h2>"),
            "Head\na paragraph of twenty-one\nitem");
  EXPECT_EQ(text_of("<p>exactly twenty bytes</p><p>  exactly twenty-one by  </p>"), "exactly twenty-one by");
  EXPECT_EQ(
      text_of("<p>\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9</p>").size(),
      22U)
      << "bytes, not letters";
}

TEST(Page, NestedMatchesRepeat) {
  EXPECT_EQ(text_of("<li><p>a paragraph of twenty-one</p></li>"),
            "a paragraph of twenty-one\na paragraph of twenty-one");
  EXPECT_EQ(text_of("<ul><li>a<ul><li>b</li></ul></li></ul>"), "ab\nb");
}

TEST(Page, TextNodesAreJoinedWithNothing) { EXPECT_EQ(text_of("<li>a<br>b<b>c</b> d<!-- e -->f</li>"), "abc df"); }

TEST(Page, MainContent) {
  const std::string outside = "<p>words outside of it that are many</p>";
  EXPECT_EQ(main_words_of(outside + "<main><p>sixteen byte text</p></main>"), 3U);
  EXPECT_EQ(main_words_of(outside + "<main><p>fifteen byte te</p></main>"), 7U)
      << "nothing long enough: the whole document";
  for (const std::string open : {"article", "div role=main", "div class='x content'", "div class=main-content",
                                 "div id=content", "div id=main-content"}) {
    EXPECT_EQ(main_words_of(outside + "<" + open + "><blockquote>words of a long quote</blockquote>"), 5U) << open;
  }
  EXPECT_EQ(main_words_of("<article><main><h4>each element once only</h4></main></article>"), 4U);
  EXPECT_EQ(main_words_of("<p class=content>is not inside of itself</p>"), 5U) << "so the whole document counts";
  EXPECT_EQ(main_words_of("<li>items do not count there at all</li><h4>nor do small headings at all</h4><h3>but large "
                          "ones with words do</h3>"),
            6U);
}

TEST(Page, NoscriptIsTextToABrowserThatRunsScripts) {
  EXPECT_EQ(text_of("<noscript><li>x</li></noscript><li>y</li>"), "y");
  EXPECT_EQ(text_of("<li>a<noscript><img src=\"x\">&amp;</noscript>b</li>"), "a<img src=\"x\">&amp;b");
  EXPECT_EQ(text_of("<li>a<NoScript >b</noframes></noSCRIPT\n>c</li>"), "ab</noframes>c");
  EXPECT_EQ(read("<head><noscript><p>a paragraph of twenty-one</p></noscript><title>T</title>").title, "T");
  EXPECT_EQ(text_of("<li>a<noscript>b"), "ab") << "never closed";
  EXPECT_EQ(text_of("<div class=ad><li><noscript>x</noscript></li></div><li>y</li>"), "y");
}

TEST(Page, WhatOnlyLooksLikeNoscriptStays) {
  EXPECT_EQ(text_of("<!-- <noscript> --><li>a</li>"), "a");
  EXPECT_EQ(text_of("<!--> <li>b</li> <!-- </noscript> -->"), "b");
  EXPECT_EQ(text_of("<a title='<noscript>'><li>c</li></a>"), "c");
  EXPECT_EQ(text_of("<script>'<noscript>'</script><li>d</li>"), "d");
  EXPECT_EQ(text_of("<script><!-- <script></script> <noscript> --></script><li>e</li>"), "e");
  EXPECT_EQ(text_of("<textarea><noscript></textarea><li>f</li>"), "f");
  EXPECT_EQ(text_of("<noscripts><li>g</li></noscripts>"), "g");
}

TEST(Page, TemplatesArePartOfTheTree) { EXPECT_EQ(text_of("<template><li>x</li></template>"), "x"); }

TEST(Page, BrokenHtmlIsReadAsBrowsersDo) {
  EXPECT_EQ(text_of("<li>a<li>b</p></div>"), "a\nb");
  EXPECT_EQ(text_of("<p>an <b>unclosed <i>paragraph here</p><p>and </b>another one of words"),
            "an unclosed paragraph here\nand another one of words");
  EXPECT_EQ(text_of("<li>&lt;&eacute;&#x41;&#0;&nosuch;"),
            "<\xc3\xa9"
            "A\xef\xbf\xbd&nosuch;");
  EXPECT_EQ(text_of("<li>a\xff\xfe"
                    "b"),
            "a\xef\xbf\xbd\xef\xbf\xbd"
            "b");
  EXPECT_EQ(read("").text, "");
  EXPECT_EQ(read("<").text, "");
  EXPECT_EQ(read(std::string("\0<li>\0x", 7)).headings.size(), 0U);
  EXPECT_EQ(text_of("<li>a<![CDATA[ b ]]><? c ?></ d><li foo='"), "a");
}

TEST(Page, LineEndsAreNormal) { EXPECT_EQ(text_of("<li>a\r\nb\rc<noscript>\r\n</noscript></li>"), "a\nb\nc"); }

TEST(Page, MemoryOfTheTreeIsBounded) {
  PageBounds bounds;
  bounds.tree_bytes = 4U << 20U;
  const auto page = read_page(repeat("<b>", 100'000), bounds);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, base::ErrorKind::Invalid);
  EXPECT_NE(page.error().message.find("4194304 bytes"), std::string::npos) << page.error().message;
}

TEST(Page, TimeOfDeepNestingIsBounded) {
  PageBounds bounds;
  bounds.parse_seconds = 0.2;
  const auto page = read_page(repeat("<div>", 1'000'000), bounds);
  ASSERT_FALSE(page);
  EXPECT_NE(page.error().message.find("elements nested by the thousand"), std::string::npos) << page.error().message;
}

TEST(Page, DeepNestingNeedsNoStack) {
  const auto page = read_page(repeat("<span>", 20'000) + "<li>x");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->text, "x");
}

TEST(Page, RepeatedTextIsBounded) {
  PageBounds bounds;
  bounds.text_bytes = 1U << 20U;
  for (const std::string open : {"<ul><li>abcdefgh", "<h1><div>abcdefgh", "<main><blockquote>abcdefghijklmnop"}) {
    const auto page = read_page(repeat(open, 3000), bounds);
    ASSERT_FALSE(page) << open;
    EXPECT_NE(page.error().message.find("1048576 bytes"), std::string::npos) << page.error().message;
  }
}

// Text that the parser is not shown comes back where it was, and what is no text stays as it was.
TEST(Page, WhatTheParserIsSparedChangesNothing) {
  const std::string words = "some twenty words of plain text, with a \"quote\" and the caf\xc3\xa9's \xe2\x82\xac 5; ";
  const std::string rows[] = {
      "<li>" + words + "</li>",
      words,
      "<p>" + words + "<b>" + words + "</p>" + words + "</b>" + words,
      "<table>" + words + "<tr><td>" + words + "<li>" + words + "</table>",
      "<table><colgroup>" + words + "<li>" + words,
      "<pre>\n\n" + words + "</pre><li><textarea>\n" + words + "</textarea>",
      "<li title='>" + words + "' class=x>" + words + "</li>",
      "<li class=\">" + words + " sidebar \">" + words + "</li><li id='> " + words + "'>x",
      "<li><a href=x" + words + ">" + words + "<a title=\"" + words + "\">" + words,
      "<!-- > " + words + " --><li>" + words + "<!--->" + words + "--><!-->" + words,
      "<script>if (a < b && c > d) { " + words + " <!-- " + words + "<script>" + words + "</script>" + words +
          "--></script><li>" + words,
      "<style>p > a { " + words + " }</style><title>" + words + "&amp;" + words + "</title><h1>" + words + "</h1>",
      "<li>&amp" + words + "&notit; " + words + "&#65" + words + "&#x42 " + words + "&nosuch" + words,
      "<svg><![CDATA[>" + words + "]]]]>" + words + "]]></svg><li>" + words,
      "<svg><style><!-- " + words + "</style>" + words + "--></svg><li>" + words,
      "<svg><style><ul class=\"</style>x plain words that the scan takes for text sidebar and more of "
      "them\"><li>x</ul>",
      "<svg><style><!-- </style>x words of a comment that the scan takes for text--></svg><li>&#xF0000;</li>",
      "<svg><style><!-- </style>x words of a comment that the scan takes for text--></svg><li>&#983040;</li>",
      "<svg><style><!-- </style>x words of a comment that the scan takes for text--></svg><li>\xf3\xb0\x80\x80</li>",
      "<frameset>" + words + "<frame></frameset>" + words,
      "<select><option>" + words + "<li>" + words + "</select>",
      "<li>a < " + words + "<3 " + words + "</ " + words + "> " + words + "<? " + words + ">" + words,
      "<li>" + words + std::string(1, '\0') + words + "\r\n" + words + "\x0b" + words + "\xc2\x85" + words +
          "\xef\xb7\x90" + words,
      "<li>" + words + "\xf3\xb0\x80\x80" + words,
      "<li>&#xF0001; " + words,
      "<li>&#0000983041;" + words,
      "<li>&#x1000F0000;" + words,
      "<noscript>" + words + "<p>" + words + "</noscript><li>" + words + "<noscript>" + words,
      "<plaintext>" + words + "</plaintext>" + words,
      "</body>" + words + "</html>" + words + "<li>" + words,
      "<head> " + words + "<title>" + words};
  for (const std::string& row : rows) {
    PageBounds bounds;
    bounds.least_stretch = std::string::npos;
    const auto whole = read_page(row, bounds);
    ASSERT_TRUE(whole) << row;
    for (const std::size_t least : {0U, 5U, 16U}) {
      bounds.least_stretch = least;
      const auto spared = read_page(row, bounds);
      ASSERT_TRUE(spared) << row;
      EXPECT_EQ(spared->text, whole->text) << row;
      EXPECT_EQ(spared->title, whole->title) << row;
      EXPECT_EQ(spared->headings, whole->headings) << row;
      EXPECT_EQ(spared->main_words, whole->main_words) << row;
    }
  }
}

TEST(Page, ThePlainTextOfCommonPagesIsNotParsed) {
  const std::string page = "<!doctype html><title>A title of some length</title><p class=\"lead\">" +
                           repeat("It's a word & more; ", 500) + "<script>const a = \"" + repeat("x", 500) +
                           "\";</script>";
  const Prepared prepared(page, 16);
  EXPECT_LT(prepared.to_parse().size(), page.size() / 2);
  EXPECT_FALSE(prepared.is_complete(0));
  EXPECT_EQ(Prepared(page, std::string::npos).to_parse(), page);
}

TEST(Page, ManyCommentsAndScriptsTakeLinearTime) {
  EXPECT_EQ(text_of(repeat("<!--x", 200'000) + "<noscript>"), "");
  EXPECT_EQ(text_of(repeat("<!---->", 200'000) + "<noscript></noscript><li>x"), "x");
  EXPECT_EQ(text_of(repeat("<script><!--</script>", 20'000) + "<noscript></noscript><li>x"), "x");
}

}  // namespace
}  // namespace cadence::analysis::web
