// What a page's bytes are read as: each place that may declare an encoding, their order, and what is taken where none
// does.
#include "analysis/source/web/charset.hpp"

#include <gtest/gtest.h>

namespace cadence::analysis::source {
namespace {

constexpr std::size_t kMost = 1 << 20;

std::string read(const std::string& body, const char* header = "text/html") {
  const auto text = to_utf8(body, parse_content_type(header), kMost);
  return text ? *text : text.error().message;
}

TEST(Charsets, TheHeaderCounts) {
  EXPECT_EQ(read("caf\xe9 \x80", "text/html; charset=iso-8859-1"), "caf\xc3\xa9 \xe2\x82\xac");
  EXPECT_EQ(read("\x82\xa0", "text/html; charset=\"x-sjis\""), "\xe3\x81\x82");
  EXPECT_EQ(read("caf\xe9", "text/html; charset=utf-8"), "caf\xef\xbf\xbd")
      << "wrong bytes do not make it another encoding";
  EXPECT_EQ(read(std::string("a\0\xe9\0", 4), "text/html; charset=utf-16le"), "a\xc3\xa9");
}

TEST(Charsets, AMarkCountsBeforeTheHeader) {
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "caf\xc3\xa9",
                 "text/html; charset=iso-8859-1"),
            "caf\xc3\xa9");
  EXPECT_EQ(read(std::string("\xff\xfe"
                             "a\0\xe9\0",
                             6),
                 "text/html; charset=utf-8"),
            "a\xc3\xa9");
  EXPECT_EQ(read(std::string("\xfe\xff\0a\0\xe9", 6)), "a\xc3\xa9");
  EXPECT_EQ(read("\xef\xbb\xbf"), "");
}

TEST(Charsets, TheHeaderCountsBeforeThePage) {
  EXPECT_EQ(read("<meta charset=gbk>\xc3\xa9", "text/html; charset=utf-8"), "<meta charset=gbk>\xc3\xa9");
  EXPECT_EQ(read("<meta charset=koi8-r>\xcd", "text/html; charset=nonsense"), "<meta charset=koi8-r>\xd0\xbc")
      << "no browser knows the header's";
}

TEST(Charsets, ThePageItselfDeclares) {
  const char* const heads[] = {"<meta charset=koi8-r>",
                               "<META CHARSET = 'KOI8-R'>",
                               "<meta content='text/html;charset=KOI8-R' http-equiv=content-type>",
                               "<meta http-equiv=\"Content-Type\" content=\"text/html; charset = 'koi8-r'\">",
                               "<meta/charset=koi8-r />",
                               "<!-- <meta charset=gbk> --><meta charset=koi8-r>",
                               "<!--><meta charset=koi8-r>",
                               "<a title='<meta charset=gbk>'><meta charset=koi8-r>",
                               "<meta charset=no-such><meta charset=koi8-r>",
                               "<meta charset=koi8-r charset=gbk>",
                               "</p charset=gbk><meta charset=koi8-r>",
                               "<?xml version='1.0' encoding = 'koi8-r' ?>",
                               "<?php echo 1 ?><meta charset=koi8-r>",
                               "<!doctype html><html><head><meta\ncharset=koi8-r"};
  for (const std::string head : heads) EXPECT_EQ(read(head + ">\xcd"), head + ">\xd0\xbc") << head;
  const std::string late = "<!--" + std::string(5000, 'x') + "--><meta charset=koi8-r>";
  EXPECT_EQ(read(late + "\xcd"), late + "\xd0\xbc") << "a browser begins again there";
  EXPECT_EQ(read("<?xml version='1.0' encoding='gbk'?><meta charset=koi8-r>\xcd"),
            "<?xml version='1.0' encoding='gbk'?><meta charset=koi8-r>\xd0\xbc");
}

TEST(Charsets, WhatCannotBeMeantIsReadAsBrowsersDo) {
  EXPECT_EQ(read("<meta charset=utf-16>caf\xc3\xa9"), "<meta charset=utf-16>caf\xc3\xa9");
  EXPECT_EQ(read("<meta charset=x-user-defined>\xe9"), "<meta charset=x-user-defined>\xc3\xa9");
  EXPECT_EQ(read("<meta charset=koi8-r>\xc3\xa9", "application/xhtml+xml"), "<meta charset=koi8-r>\xc3\xa9")
      << "XML knows no meta";
  EXPECT_EQ(read("<?xml version='1.0' encoding='koi8-r'?>\xcd", "application/xhtml+xml"),
            "<?xml version='1.0' encoding='koi8-r'?>\xd0\xbc");
  EXPECT_EQ(read("<body><meta charset=koi8-r>caf\xc3\xa9"), "<body><meta charset=koi8-r>caf\xc3\xa9");
}

TEST(Charsets, UndeclaredTextIsGuessed) {
  const std::string german =
      "Der T\xf6pfer brennt die Sch\xfcssel im gro\xdf"
      "en Ofen \x96 \x93sch\xf6n\x94. Sp\xe4ter f\xe4hrt er \xfc"
      "ber die Br\xfc"
      "cke.";
  EXPECT_NE(read(german).find("T\xc3\xb6pfer"), std::string::npos);
  EXPECT_NE(read(german).find("\xe2\x80\x93 \xe2\x80\x9csch\xc3\xb6n"), std::string::npos);
  EXPECT_EQ(read("caf\xc3\xa9"), "caf\xc3\xa9");
  std::string nearly;
  for (int i = 0; i < 20; ++i) nearly += "caf\xc3\xa9 ";
  EXPECT_EQ(read(nearly + "\xff"), nearly + "\xef\xbf\xbd")
      << "one wrong byte does not make all of it another encoding";
  EXPECT_EQ(read("\xe9"), "\xc3\xa9") << "too little to guess from: western";
}

TEST(Charsets, DamageStaysBounded) {
  EXPECT_EQ(read("abc", "text/html; charset=utf-16le"), "\xe6\x89\xa1\xef\xbf\xbd");
  const auto large = to_utf8(std::string(1000, '\xe9'), {"text/html", "latin1"}, 1500);
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().message.find("1500 bytes"), std::string::npos);
  EXPECT_TRUE(to_utf8(std::string(1000, '\xff'), {"text/html", "utf-8"}, 1500)) << "damage is no larger page";
  EXPECT_EQ(read("a", "text/html; charset=iso-2022-kr"), "\xef\xbf\xbd") << "an encoding that browsers refuse";
}

TEST(Charsets, BinaryFilesAreNoPages) {
  const auto is_binary = [](const std::string& body, const char* header) {
    return is_binary_body(body, parse_content_type(header));
  };
  EXPECT_TRUE(is_binary("%PDF-1.4", ""));
  EXPECT_TRUE(is_binary(std::string("\x7f"
                                    "ELF\x02\0",
                                    6),
                        ""));
  EXPECT_TRUE(is_binary("\x89PNG\r\n\x1a\n", "text/plain"));
  EXPECT_FALSE(is_binary("\x89PNG\r\n\x1a\n", "text/html")) << "what says that it is a page is one";
  EXPECT_FALSE(is_binary(std::string("\xff\xfe"
                                     "a\0",
                                     4),
                         ""));
  EXPECT_FALSE(is_binary("<p>\tcaf\xe9\r\n\x1b(B", ""));
  EXPECT_FALSE(is_binary("", ""));
}

}  // namespace
}  // namespace cadence::analysis::source
