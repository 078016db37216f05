// Encodings of the web, as browsers read them.
#include "analysis/text/encoding.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace cadence::analysis {
namespace {

std::string read(std::string_view label, const std::string& bytes) {
  const Encoding* encoding = encoding_of(label);
  return encoding == nullptr ? "no such encoding" : decode(bytes, *encoding, 1 << 24).value_or("too much");
}

TEST(Encodings, LabelsMeanWhatBrowsersTakeThemFor) {
  const std::pair<const char*, const char*> rows[] = {{"gb2312", "gbk"},
                                                      {"GB_2312-80", "gbk"},
                                                      {"Shift_JIS", "shift_jis"},
                                                      {"windows-31j", "shift_jis"},
                                                      {"x-sjis", "shift_jis"},
                                                      {"iso-8859-1", "windows-1252"},
                                                      {"us-ascii", "windows-1252"},
                                                      {"latin1", "windows-1252"},
                                                      {"iso-8859-9", "windows-1254"},
                                                      {"tis-620", "windows-874"},
                                                      {"ks_c_5601-1987", "euc-kr"},
                                                      {"windows-949", "euc-kr"},
                                                      {"big5-hkscs", "big5"},
                                                      {"utf-16", "utf-16le"},
                                                      {"ucs-2", "utf-16le"},
                                                      {" \t\nUTF8\r ", "utf-8"},
                                                      {"koi", "koi8-r"},
                                                      {"visual", "iso-8859-8"},
                                                      {"hz-gb-2312", "replacement"},
                                                      {"x-user-defined", "x-user-defined"}};
  for (const auto& [label, name] : rows) {
    ASSERT_NE(encoding_of(label), nullptr) << label;
    EXPECT_EQ(encoding_of(label)->name, name) << label;
  }
  for (const char* unknown : {"", " ", "utf-7", "cp850", "utf-16//IGNORE", "latin1 latin1", "no-such"})
    EXPECT_EQ(encoding_of(unknown), nullptr) << unknown;
  EXPECT_EQ(encoding_of(std::string(1000, 'a')), nullptr);
}

TEST(Encodings, LettersBeyondTheNarrowReading) {
  EXPECT_EQ(read("gb2312", "\xd6\xec\xe9\x46\xbb\xf9"), "\xe6\x9c\xb1\xe9\x95\x95\xe5\x9f\xba")
      << "a letter that GB 2312 lacks";
  EXPECT_EQ(read("gb2312",
                 "\x80"
                 "5"),
            "\xe2\x82\xac"
            "5");
  EXPECT_EQ(read("gb18030", "\x95\x34\xb2\x35"), "\xf0\xa0\xae\xb7");
  EXPECT_EQ(read("x-sjis", "\x87\x40\x81\x60"), "\xe2\x91\xa0\xef\xbd\x9e")
      << "of NEC's row 13, and a wave that is full-width";
  EXPECT_EQ(read("iso-8859-1", "\x93\x80\x94\x81"), "\xe2\x80\x9c\xe2\x82\xac\xe2\x80\x9d\xc2\x81");
  EXPECT_EQ(read("euc-jp", "\xc6\xab\x8e\xb1\x8f\xb0\xa1"), "\xe9\x99\xb6\xef\xbd\xb1\xe4\xb8\x82");
  EXPECT_EQ(read("euc-kr", "\xb5\xb5\x81\x41"), "\xeb\x8f\x84\xea\xb0\x82");
  EXPECT_EQ(read("big5", "\xb3\xb3\x87\x40"), "\xe9\x99\xb6\xe4\x8f\xb0");
  EXPECT_EQ(read("iso-2022-jp", "\x1b$B!!\x1b(Ba"),
            "\xe3\x80\x80"
            "a");
  EXPECT_EQ(read("x-user-defined", "a\xe9"), "a\xef\x9f\xa9");
}

TEST(Encodings, WrongBytesLeaveMarkupAlone) {
  const std::string mark = "\xef\xbf\xbd";
  for (const char* label : {"gbk", "gb18030", "big5", "euc-jp", "shift_jis", "euc-kr", "utf-8"}) {
    EXPECT_EQ(read(label, "\xe3<p>"), mark + "<p>") << label;
    EXPECT_EQ(read(label,
                   "a\xff"
                   "b"),
              "a" + mark + "b")
        << label;
    EXPECT_EQ(read(label, "a\xe3"), "a" + mark) << label << ", cut short";
  }
  EXPECT_EQ(read("utf-8", "\xe2\x82<\xf0\x9f\x98<\xed\xa0\x80<\xc0\xaf"),
            mark + "<" + mark + "<" + mark + mark + mark + "<" + mark + mark);
  EXPECT_EQ(read("euc-kr", "\xa2\xe8\n\xb5\xb5"), mark + "\n\xeb\x8f\x84");
  EXPECT_EQ(read("euc-jp", "\x85\x8f\xa1\xa1\n"), mark + mark + "\n");
  EXPECT_EQ(read("iso-2022-jp", "a\x1b(xb"), "a" + mark + "(xb");
  EXPECT_EQ(read("gb18030", "\x84\x39\x81\x30x"), mark + "x") << "four bytes of no character";
}

TEST(Encodings, Utf16) {
  EXPECT_EQ(read("utf-16le", std::string("a\0\x3d\xd8\0\xde", 6)), "a\xf0\x9f\x98\x80");
  EXPECT_EQ(read("utf-16be", std::string("\0a\xd8\x3d\xde\0", 6)), "a\xf0\x9f\x98\x80");
  EXPECT_EQ(read("utf-16le", std::string("\x3d\xd8"
                                         "a\0\0\xde",
                                         6)),
            "\xef\xbf\xbd"
            "a\xef\xbf\xbd")
      << "halves of pairs";
  EXPECT_EQ(read("utf-16be", "\xd8\x3d\xde"), "\xef\xbf\xbd");
  EXPECT_EQ(read("utf-16le", ""), "");
}

// All single bytes and all pairs, with the digests of what Chromium 156 makes of them (TextDecoder).
TEST(Encodings, EveryByteAndPairIsReadAsABrowserDoes) {
  const std::pair<const char*, std::uint64_t> digests[] = {
      {"ibm866", 0xaa4d55212293de7eULL},         {"iso-8859-2", 0xe85988d5d3d0d07cULL},
      {"iso-8859-3", 0x908c501f5900bcb9ULL},     {"iso-8859-4", 0x9504a78feb888b85ULL},
      {"iso-8859-5", 0xcebee6bf32a018d5ULL},     {"iso-8859-6", 0x9953ae8c729aab7cULL},
      {"iso-8859-7", 0x461b362947d87381ULL},     {"iso-8859-8", 0xe9e0dcdcb564a8e5ULL},
      {"iso-8859-8-i", 0xe9e0dcdcb564a8e5ULL},   {"iso-8859-10", 0x0fcbdf9a6b4f1f93ULL},
      {"iso-8859-13", 0xa96609fd367bf0f5ULL},    {"iso-8859-14", 0x6c76e8b6d297575bULL},
      {"iso-8859-15", 0x468c9abd0b2cd0baULL},    {"iso-8859-16", 0xce2213b4999de814ULL},
      {"koi8-r", 0xe882aa575bebbc51ULL},         {"koi8-u", 0x306b0f4b4a04e44dULL},
      {"macintosh", 0x4ab8c44548e4bb9dULL},      {"windows-874", 0xe083311ca545f999ULL},
      {"windows-1250", 0x0b8caad8c01d1f89ULL},   {"windows-1251", 0xf1480bd86301072dULL},
      {"windows-1252", 0x55102c9e190ea310ULL},   {"windows-1253", 0x6ee432a2015cccecULL},
      {"windows-1254", 0x864ba6b684ad90b8ULL},   {"windows-1255", 0xd6d0a8f9a72f627dULL},
      {"windows-1256", 0x36cb353d346a060bULL},   {"windows-1257", 0x566e32b64a248392ULL},
      {"windows-1258", 0xabe10a0b5ea94acfULL},   {"x-mac-cyrillic", 0x720d1847e8b4e60bULL},
      {"x-user-defined", 0xa4805f81faf3b4e5ULL}, {"shift_jis", 0x707fa2a9eb64e44dULL},
      {"euc-kr", 0x3c0d776afaf5b62cULL}};
  for (const auto& [label, expected] : digests) {
    std::string bytes;
    for (int first = 0x80; first < 0x100; ++first) {
      bytes += static_cast<char>(first);
      bytes += '\n';
      for (int second = 0x20; second < 0x100; ++second)
        bytes += {static_cast<char>(first), static_cast<char>(second), '\n'};
    }
    std::uint64_t digest = 14695981039346656037ULL;  // FNV-1a
    for (const unsigned char byte : read(label, bytes)) digest = (digest ^ byte) * 1099511628211ULL;
    EXPECT_EQ(digest, expected) << label;
  }
}

TEST(Encodings, MemoryIsBounded) {
  EXPECT_FALSE(decode(std::string(1000, '\xe9'), *encoding_of("latin1"), 1999));
  EXPECT_TRUE(decode(std::string(1000, '\xe9'), *encoding_of("latin1"), 2000));
  EXPECT_FALSE(decode(std::string(100000, '\xff'), *encoding_of("gbk"), 1999));
  EXPECT_FALSE(decode(std::string(1000, '\xff'), *encoding_of("utf-8"), 2999));
}

}  // namespace
}  // namespace cadence::analysis
