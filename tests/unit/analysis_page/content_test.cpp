// Content types, character sets and packed bodies.
#include <gtest/gtest.h>

#include "analysis/source/web/charset.hpp"
#include "analysis/source/web/inflate.hpp"
#include "gzip.hpp"

namespace cadence::analysis::source {
namespace {

constexpr std::size_t kMost = 1 << 20;

TEST(ContentTypes, AreReadLeniently) {
  EXPECT_EQ(parse_content_type("Text/HTML; Charset=\"UTF-8\"; x=y").charset, "utf-8");
  EXPECT_EQ(parse_content_type("Text/HTML; Charset=\"UTF-8\"").media_type, "text/html");
  EXPECT_EQ(parse_content_type("text/html;charset='koi8-r'").charset, "koi8-r");
  EXPECT_EQ(parse_content_type("").media_type, "");
  for (const char* page : {"", "text/html", "text/plain", "application/xhtml+xml"})
    EXPECT_TRUE(is_page(parse_content_type(page))) << page;
  for (const char* other : {"application/json", "image/png", "application/octet-stream", "html"})
    EXPECT_FALSE(is_page(parse_content_type(other))) << other;
}

TEST(Inflater, UnpacksPieceByPiece) {
  const std::string packed = gzip("the old mill turns");
  Inflater inflater(100);
  for (std::size_t i = 0; i + 1 < packed.size(); ++i)
    EXPECT_EQ(inflater.add({&packed[i], 1}), Inflater::State::NeedsMore) << i;
  EXPECT_EQ(inflater.add({&packed.back(), 1}), Inflater::State::Done);
  EXPECT_EQ(inflater.add("behind the end"), Inflater::State::Done);
  EXPECT_EQ(inflater.take(), "the old mill turns");
}

TEST(Inflater, ReadsOneMemberAfterAnother) {  // RFC 1952 §2.2
  const std::string packed = gzip("first ") + gzip("second");
  Inflater whole(100);
  EXPECT_EQ(whole.add(packed), Inflater::State::Done);
  EXPECT_EQ(whole.take(), "first second");
  Inflater slow(100);
  for (const char byte : packed) EXPECT_NE(slow.add({&byte, 1}), Inflater::State::Broken);
  EXPECT_EQ(slow.take(), "first second");
  Inflater cut(100);
  EXPECT_EQ(cut.add(std::string_view(packed).substr(0, packed.size() - 3)), Inflater::State::NeedsMore);
  Inflater bounded(8);
  EXPECT_EQ(bounded.add(packed), Inflater::State::TooLarge);
}

TEST(Inflater, StopsABombAtTheLimit) {
  const std::string packed = gzip(std::string(50 << 20, 'a'));
  EXPECT_LT(packed.size(), 60000U);
  Inflater inflater(1 << 20);
  EXPECT_EQ(inflater.add(packed), Inflater::State::TooLarge);
  EXPECT_LE(inflater.take().size(), 1U << 20);
  Inflater exact(100);
  EXPECT_EQ(exact.add(gzip(std::string(100, 'a'))), Inflater::State::Done);
  Inflater beyond(99);
  EXPECT_EQ(beyond.add(gzip(std::string(100, 'a'))), Inflater::State::TooLarge);
}

TEST(Inflater, TellsDamage) {
  Inflater plain(100);
  EXPECT_EQ(plain.add("<!doctype html>"), Inflater::State::Broken);
  std::string packed = gzip("the old mill turns");
  packed[packed.size() - 6] ^= 1;
  Inflater damaged(100);
  EXPECT_EQ(damaged.add(packed), Inflater::State::Broken) << "its checksum is wrong";
}

}  // namespace
}  // namespace cadence::analysis::source
