// Where a page says that it leads on.
#include "analysis/source/web/markup_facts.hpp"

#include <gtest/gtest.h>

namespace cadence::analysis::source {
namespace {

std::string leads(const std::string& markup) {
  const auto refresh = meta_refresh(markup);
  return refresh ? std::to_string(refresh->seconds) + " " + refresh->url +
                       (refresh->base.empty() ? "" : " from " + refresh->base)
                 : "nowhere";
}

TEST(Refreshes, AreReadAsBrowsersDo) {
  const std::pair<const char*, const char*> rows[] = {
      {"<meta http-equiv=\"refresh\" content=\"0; url=/page\">", "0 /page"},
      {"<META HTTP-EQUIV=Refresh CONTENT='5;URL=\"http://a.example/\"'>", "5 http://a.example/"},
      {"<meta http-equiv=refresh content='0;/page'>", "0 /page"},
      {"<meta http-equiv=refresh content='0, url = a b'>", "0 a b"},
      {"<meta http-equiv=refresh content='1.5;url=/a?b&amp;c=d'>", "1 /a?b&c=d"},
      {"<meta http-equiv=refresh content='.5;url=x'>", "0 x"},
      {"<meta http-equiv=refresh content=300>", "300 "},
      {"<meta http-equiv=refresh content='99999999999999999999;url=x'>", "1000000 x"},
      {"<meta http-equiv=refresh content='url=/page'>", "nowhere"},
      {"<meta http-equiv=refresh content='0x;url=/page'>", "nowhere"},
      {"<meta name=refresh content='0;url=/page'>", "nowhere"},
      {"<base href='/b/?x&amp;y'><meta http-equiv=refresh content='0;url=page'>", "0 page from /b/?x&y"},
      {"<!-- <meta http-equiv=refresh content='0;url=/page'> -->", "nowhere"},
      {"<noscript><meta http-equiv=refresh content='0;url=/no'></noscript><meta http-equiv=refresh "
       "content='0;url=/yes'>",
       "0 /yes"},
      {"<script>'<meta http-equiv=refresh content=\"0;url=/no\">'</SCRIPT><meta http-equiv=refresh "
       "content='0;url=/yes'>",
       "0 /yes"},
      {"<title>a<meta http-equiv=refresh content='0;url=/no'>", "nowhere"},
      {"<meta http-equiv=refresh content='0;url=/a'", "0 /a"},
      {"", "nowhere"},
      {"<", "nowhere"},
      {"<meta", "nowhere"}};
  for (const auto& [markup, expected] : rows) EXPECT_EQ(leads(markup), expected) << markup;
}

TEST(Refreshes, AreLookedForInBoundedTime) {
  for (const char* piece :
       {"<", "<a ", "<!--", "</", "<script>", "<meta ", "<meta a=\"", "<?", "<a b='", "<noscript", "=", "/"}) {
    std::string hostile;
    while (hostile.size() < (4U << 20U)) hostile += piece;
    EXPECT_EQ(leads(hostile), "nowhere") << piece;
    EXPECT_EQ(meta_charset(hostile), "") << piece;
  }
}

}  // namespace
}  // namespace cadence::analysis::source
