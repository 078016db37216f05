// Which addresses are pages, and where redirects lead.
#include "analysis/source/guard/page_url.hpp"

#include <gtest/gtest.h>

#include "analysis/source/web/page.hpp"

namespace cadence::analysis::source {
namespace {

std::string text_of(const std::string& url) {
  const auto parsed = parse_page_url(url);
  return parsed ? parsed->text() : "refused: " + parsed.error().message;
}

TEST(PageUrl, SchemeIsAddedAndReadInAnyCase) {
  EXPECT_EQ(text_of("mill.example"), "https://mill.example/");
  EXPECT_EQ(text_of("HTTP://Mill.Example:80/A"), "http://mill.example/A");
  EXPECT_EQ(text_of("HttpS://mill.example:8443?a=b"), "https://mill.example:8443/?a=b");
  EXPECT_EQ(text_of("mill.example:8080/x"), "https://mill.example:8080/x");
  EXPECT_EQ(text_of("mill.example/x?next=http://other.example/"), "https://mill.example/x?next=http://other.example/");
  EXPECT_EQ(text_of("http://[::1]:90/"), "http://[::1]:90/");
}

TEST(PageUrl, WhatNoRequestMayHoldIsEncodedOrDropped) {
  EXPECT_EQ(text_of("http://user:secret@mill.example/a#top"), "http://mill.example/a");
  EXPECT_EQ(text_of("http://mill.example/a b/\xc3\xa9?\"<%20"), "http://mill.example/a%20b/%C3%A9?%22%3C%20");
}

TEST(PageUrl, Refusals) {
  for (const std::string url :
       {"", "ftp://mill.example/", "file:///etc/passwd", "http://", "http:///x", "http://mill.example:0/",
        "http://mill.example:x/", "http://-o/", "http://m\xc3\xbchle.example/", "http://a b/", "http://[1.2.3.4]/",
        "http://[::1]x/", "http://mill.example/\n"}) {
    EXPECT_FALSE(parse_page_url(url)) << url;
  }
  EXPECT_FALSE(parse_page_url("http://mill.example/" + std::string(2048, 'a')));
  EXPECT_EQ(parse_page_url("http://u:secret@[::g]/").error().message.find("secret"), std::string::npos);
}

TEST(PageUrl, FoldersAreNoHosts) {
  for (const char* folder : {".", "..", "./", "../x", "./docs/index.html", "https://./", "http://a..b/", ".git"})
    EXPECT_FALSE(parse_page_url(folder)) << folder;
  EXPECT_TRUE(parse_page_url("https://potters.example./"));
}

TEST(PageUrl, RedirectsLeadOn) {
  const PageUrl from = *parse_page_url("https://mill.example/a/b?c=d");
  const std::pair<const char*, const char*> rows[] = {{"/x", "https://mill.example/x"},
                                                      {"x", "https://mill.example/a/x"},
                                                      {"?y", "https://mill.example/a/b?y"},
                                                      {"../../x", "https://mill.example/x"},
                                                      {"./x/.", "https://mill.example/a/x/"},
                                                      {"..", "https://mill.example/"},
                                                      {"//other.example/x", "https://other.example/x"},
                                                      {" http://other.example ", "http://other.example/"},
                                                      {"#z", "https://mill.example/a/b?c=d"},
                                                      {"/x?a=/../b", "https://mill.example/x?a=/../b"}};
  for (const auto& [location, expected] : rows) {
    const auto next = follow(from, location);
    ASSERT_TRUE(next) << location;
    EXPECT_EQ(next->text(), expected) << location;
  }
  EXPECT_FALSE(follow(from, "file:///etc/passwd"));
  EXPECT_FALSE(follow(from, "javascript:alert(1)"));
}

}  // namespace
}  // namespace cadence::analysis::source
