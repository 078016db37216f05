#include "analysis/text/encoding.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"

namespace cadence::analysis::inline text {
namespace {

using Kind = Encoding::Kind;

// "Names and labels" of the standard. gbk is read as gb18030, which holds all of it.
constexpr Encoding kEncodings[] = {
    {"utf-8", Kind::Utf8, nullptr, "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8"},
    {"ibm866", Kind::SingleByte, "CP866", "866 cp866 csibm866 ibm866"},
    {"iso-8859-2", Kind::SingleByte, "ISO-8859-2",
     "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2"},
    {"iso-8859-3", Kind::SingleByte, "ISO-8859-3",
     "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3"},
    {"iso-8859-4", Kind::SingleByte, "ISO-8859-4",
     "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4"},
    {"iso-8859-5", Kind::SingleByte, "ISO-8859-5",
     "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988"},
    {"iso-8859-6", Kind::SingleByte, "ISO-8859-6",
     "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i "
     "iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"},
    {"iso-8859-7", Kind::SingleByte, "ISO-8859-7",
     "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
     "iso_8859-7:1987 sun_eu_greek"},
    {"iso-8859-8", Kind::SingleByte, "ISO-8859-8",
     "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
     "iso_8859-8:1988 visual"},
    {"iso-8859-8-i", Kind::SingleByte, "ISO-8859-8", "csiso88598i iso-8859-8-i logical"},
    {"iso-8859-10", Kind::SingleByte, "ISO-8859-10",
     "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6"},
    {"iso-8859-13", Kind::SingleByte, "ISO-8859-13", "iso-8859-13 iso8859-13 iso885913"},
    {"iso-8859-14", Kind::SingleByte, "ISO-8859-14", "iso-8859-14 iso8859-14 iso885914"},
    {"iso-8859-15", Kind::SingleByte, "ISO-8859-15", "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9"},
    {"iso-8859-16", Kind::SingleByte, "ISO-8859-16", "iso-8859-16"},
    {"koi8-r", Kind::SingleByte, "KOI8-R", "cskoi8r koi koi8 koi8-r koi8_r"},
    {"koi8-u", Kind::SingleByte, "KOI8-U", "koi8-ru koi8-u"},
    {"macintosh", Kind::SingleByte, "MACINTOSH", "csmacintosh mac macintosh x-mac-roman"},
    {"windows-874", Kind::SingleByte, "CP874", "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874"},
    {"windows-1250", Kind::SingleByte, "CP1250", "cp1250 windows-1250 x-cp1250"},
    {"windows-1251", Kind::SingleByte, "CP1251", "cp1251 windows-1251 x-cp1251"},
    {"windows-1252", Kind::SingleByte, "CP1252",
     "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
     "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"},
    {"windows-1253", Kind::SingleByte, "CP1253", "cp1253 windows-1253 x-cp1253"},
    {"windows-1254", Kind::SingleByte, "CP1254",
     "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
     "windows-1254 x-cp1254"},
    {"windows-1255", Kind::SingleByte, "CP1255", "cp1255 windows-1255 x-cp1255"},
    {"windows-1256", Kind::SingleByte, "CP1256", "cp1256 windows-1256 x-cp1256"},
    {"windows-1257", Kind::SingleByte, "CP1257", "cp1257 windows-1257 x-cp1257"},
    {"windows-1258", Kind::SingleByte, "CP1258", "cp1258 windows-1258 x-cp1258"},
    {"x-mac-cyrillic", Kind::SingleByte, "MAC-UK", "x-mac-cyrillic x-mac-ukrainian"},
    {"gbk", Kind::MultiByte, "GB18030",
     "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk"},
    {"gb18030", Kind::MultiByte, "GB18030", "gb18030"},
    {"big5", Kind::MultiByte, "BIG5-HKSCS", "big5 big5-hkscs cn-big5 csbig5 x-x-big5"},
    {"euc-jp", Kind::MultiByte, "EUC-JP-MS", "cseucpkdfmtjapanese euc-jp x-euc-jp"},
    {"iso-2022-jp", Kind::Escapes, "ISO-2022-JP", "csiso2022jp iso-2022-jp"},
    {"shift_jis", Kind::MultiByte, "CP932", "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis"},
    {"euc-kr", Kind::MultiByte, "UHC",
     "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"},
    {"replacement", Kind::Replacement, nullptr,
     "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement"},
    {"utf-16be", Kind::Utf16Be, nullptr, "unicodefffe utf-16be"},
    {"utf-16le", Kind::Utf16Le, nullptr, "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le"},
    {"x-user-defined", Kind::UserDefined, nullptr, "x-user-defined"},
};

struct CloseConverter {
  void operator()(void* converter) const { iconv_close(converter); }
};
using Converter = std::unique_ptr<void, CloseConverter>;

Converter open_converter(const char* name) {
  const iconv_t opened = iconv_open("UTF-8", name);
  return Converter(opened == reinterpret_cast<iconv_t>(-1) ? nullptr : opened);
}

unsigned char byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }
bool is_within(unsigned char byte, int first, int last) { return byte >= first && byte <= last; }

// What of a broken character is replaced by one U+FFFD: its beginning, as far as a character could begin so ("maximal
// subpart").
std::size_t broken_bytes(std::string_view bytes) {
  const unsigned char first = byte_at(bytes, 0);
  if (!is_within(first, 0xc2, 0xf4)) return 1;
  const std::size_t whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const int low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const int high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  std::size_t count = 1;
  while (count < whole && count < bytes.size() &&
         is_within(byte_at(bytes, count), count == 1 ? low : 0x80, count == 1 ? high : 0xbf)) {
    ++count;
  }
  return count;
}

std::string decode_utf8(std::string bytes) {
  std::size_t at = find_broken(bytes, 0);
  if (at == bytes.size()) return bytes;
  std::string text = bytes.substr(0, at);
  while (at < bytes.size()) {
    append_character(text, kReplacement);
    at += broken_bytes(std::string_view(bytes).substr(at));
    const std::size_t next = find_broken(bytes, at);
    text.append(bytes, at, next - at);
    at = next;
  }
  return text;
}

std::string text_of(char32_t character) {
  std::string text;
  append_character(text, character);
  return text;
}

std::string decode_utf16(std::string_view bytes, bool is_big) {
  std::string text;
  const auto unit_at = [&](std::size_t at) {
    return static_cast<char32_t>(byte_at(bytes, at + (is_big ? 0 : 1)) << 8U | byte_at(bytes, at + (is_big ? 1 : 0)));
  };
  std::size_t at = 0;
  for (; at + 1 < bytes.size(); at += 2) {
    const char32_t unit = unit_at(at);
    const bool is_surrogate = unit >= 0xd800 && unit < 0xe000;
    const char32_t low = is_surrogate && unit < 0xdc00 && at + 3 < bytes.size() ? unit_at(at + 2) : 0;
    if (low >= 0xdc00 && low < 0xe000) {
      append_character(text, 0x10000 + ((unit - 0xd800) << 10U) + (low - 0xdc00));
      at += 2;
    } else {
      append_character(text, is_surrogate ? kReplacement : unit);
    }
  }
  const bool is_said = at >= 2 && at < bytes.size() && text.ends_with(text_of(kReplacement)) &&
                       unit_at(at - 2) >= 0xd800 && unit_at(at - 2) < 0xdc00;
  if (at < bytes.size() && !is_said) append_character(text, kReplacement);  // cut within a pair is one mistake
  return text;
}

// Where browsers differ from the C library.
struct Difference {
  std::string_view encoding;
  unsigned char byte;
  char32_t character;
};
constexpr Difference kDifferences[] = {{"koi8-u", 0xae, 0x45e},       {"koi8-u", 0xbe, 0x40e},
                                       {"macintosh", 0xc6, 0x2206},   {"macintosh", 0xf0, 0xf8ff},
                                       {"windows-1255", 0xca, 0x5ba}, {"x-mac-cyrillic", 0xff, 0x20ac}};

// What one byte of the upper half means.
std::string upper_text(unsigned char byte, const Encoding& encoding, void* converter) {
  if (encoding.kind == Kind::UserDefined) return text_of(0xf700U + byte);
  for (const Difference& difference : kDifferences) {
    if (difference.encoding == encoding.name && difference.byte == byte) return text_of(difference.character);
  }
  char raw = static_cast<char>(byte);
  char* from = &raw;
  std::size_t left = 1;
  char piece[8];
  char* into = piece;
  std::size_t room = sizeof piece;
  iconv(converter, nullptr, nullptr, nullptr, nullptr);
  if (iconv(converter, &from, &left, &into, &room) == 0 && left == 0) {
    iconv(converter, nullptr, nullptr, &into, &room);  // windows-1255 and 1258 wait for a mark to combine with
    return {piece, sizeof piece - room};
  }
  // Windows' own leave such bytes to control characters.
  return text_of(encoding.name.starts_with("windows-") && byte < 0xa0 ? byte : kReplacement);
}

std::string decode_single_bytes(std::string_view bytes, const Encoding& encoding) {
  const Converter converter = encoding.converter == nullptr ? nullptr : open_converter(encoding.converter);
  std::array<std::string, 128> upper;
  for (std::size_t i = 0; i < upper.size(); ++i) {
    const bool is_open = converter != nullptr || encoding.converter == nullptr;
    upper[i] =
        is_open ? upper_text(static_cast<unsigned char>(0x80 + i), encoding, converter.get()) : text_of(kReplacement);
  }
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::size_t next = find_beyond_ascii(bytes, at);
    text.append(bytes, at, next - at);
    at = next;
    if (at < bytes.size()) text += upper[byte_at(bytes, at) - 0x80U];
  }
  return text;
}

// How many bytes one U+FFFD stands for where iconv found no character: ASCII is never swallowed, so markup stays
// markup.
std::size_t unknown_bytes(std::string_view bytes, const Encoding& encoding) {
  const auto has_upper = [&](std::size_t i) { return i < bytes.size() && byte_at(bytes, i) >= 0x80; };
  const auto has_digit = [&](std::size_t i) { return i < bytes.size() && is_within(byte_at(bytes, i), '0', '9'); };
  const unsigned char first = byte_at(bytes, 0);
  if (encoding.kind == Kind::Escapes || first <= 0x80 || first == 0xff) return 1;
  if (encoding.name == "shift_jis" && (first == 0xa0 || first > 0xfc)) return 1;
  if (encoding.converter == std::string_view("GB18030") && has_digit(1) && has_upper(2) && has_digit(3)) return 4;
  if (!has_upper(1)) return 1;
  const bool is_triple = encoding.name == "euc-jp" && first == 0x8f && is_within(byte_at(bytes, 1), 0xa1, 0xfe);
  return is_triple && has_upper(2) ? 3 : 2;
}

char32_t lone_0x80(const Encoding& encoding) {
  if (encoding.converter == std::string_view("GB18030")) return 0x20ac;
  return encoding.name == "shift_jis" ? 0x80 : kReplacement;
}

// Control characters that the C library lets pass and browsers do not: of the upper half, and what is left of escapes.
std::string without_controls(std::string text, const Encoding& encoding) {
  if (encoding.kind != Kind::Escapes && encoding.name != "euc-jp" && encoding.name != "big5") return text;
  std::string kept;
  std::size_t from = 0;
  const auto replace = [&](std::size_t at, std::size_t bytes) {
    kept.append(text, from, at - from);
    append_character(kept, kReplacement);
    from = at + bytes;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const unsigned char byte = byte_at(text, at);
    if (byte == 0xc2 && at + 1 < text.size() && byte_at(text, at + 1) < 0xa0) replace(at, 2);
    if (encoding.kind == Kind::Escapes && (byte == 0x1b || byte == 0x0e || byte == 0x0f)) replace(at, 1);
  }
  if (from == 0) return text;
  return kept.append(text, from, std::string::npos);
}

std::optional<std::string> decode_with_iconv(std::string_view bytes, const Encoding& encoding, std::size_t most) {
  const Converter converter = open_converter(encoding.converter);
  if (!converter) return decode_utf8(std::string(bytes));
  std::string text;
  char piece[4096];
  while (!bytes.empty()) {
    char* from = const_cast<char*>(bytes.data());  // iconv does not write there
    std::size_t left = bytes.size();
    char* into = piece;
    std::size_t room = sizeof piece;
    const std::size_t outcome = iconv(converter.get(), &from, &left, &into, &room);
    const int why = outcome == static_cast<std::size_t>(-1) ? errno : 0;
    text.append(piece, sizeof piece - room);
    if (text.size() > most) return std::nullopt;
    const std::string_view taken = bytes.substr(0, bytes.size() - left);
    bytes.remove_prefix(taken.size());
    if (why == E2BIG || why == 0) continue;
    // glibc 2.36 takes the wrong bytes here before it says so
    if (encoding.name == "euc-kr" && taken.ends_with("\xa2\xe8")) {
      append_character(text, kReplacement);
      continue;
    }
    append_character(text, bytes[0] == '\x80' ? lone_0x80(encoding) : kReplacement);
    bytes.remove_prefix(why == EINVAL ? bytes.size() : unknown_bytes(bytes, encoding));
  }
  return without_controls(std::move(text), encoding);
}

// What programs call encodings that browsers do not know, or know by another name. Not every name of the C library's:
// strangers choose them.
struct OtherName {
  std::string_view name;
  std::string_view label;  // a browser's; empty where it has none
  const char* converter;
};
constexpr OtherName kOtherNames[] = {{"latin-1", "latin1", nullptr}, {"latin-2", "latin2", nullptr},
                                     {"latin-9", "latin9", nullptr}, {"iso8859_1", "latin1", nullptr},
                                     {"utf_8", "utf-8", nullptr},    {"eucjp", "euc-jp", nullptr},
                                     {"ujis", "euc-jp", nullptr},    {"cp932", "shift_jis", nullptr},
                                     {"euckr", "euc-kr", nullptr},   {"cp949", "euc-kr", nullptr},
                                     {"uhc", "euc-kr", nullptr},     {"euccn", "gbk", nullptr},
                                     {"euc-cn", "gbk", nullptr},     {"cp936", "gbk", nullptr},
                                     {"cp950", "big5", nullptr},     {"cp437", "", "CP437"},
                                     {"cp737", "", "CP737"},         {"cp775", "", "CP775"},
                                     {"cp850", "", "CP850"},         {"cp852", "", "CP852"},
                                     {"cp855", "", "CP855"},         {"cp857", "", "CP857"},
                                     {"cp858", "", "CP858"},         {"cp860", "", "CP860"},
                                     {"cp861", "", "CP861"},         {"cp862", "", "CP862"},
                                     {"cp863", "", "CP863"},         {"cp865", "", "CP865"}};

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

}  // namespace

const Encoding* encoding_of(std::string_view label) {
  constexpr std::string_view kSpaces = "\t\n\f\r ";
  const std::size_t begin = label.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos || label.size() > 200) return nullptr;
  const std::string wanted = lower_ascii(label.substr(begin, label.find_last_not_of(kSpaces) - begin + 1));
  for (const Encoding& encoding : kEncodings) {
    Words labels(encoding.labels);
    while (const auto known = labels.next()) {
      if (*known == wanted) return &encoding;
    }
  }
  return nullptr;
}

const Encoding* encoding_by_mark(std::string_view bytes, std::size_t& mark) {
  mark = bytes.starts_with("\xef\xbb\xbf") ? 3 : 2;
  if (mark == 3) return encoding_of("utf-8");
  if (bytes.starts_with("\xff\xfe")) return encoding_of("utf-16le");
  if (bytes.starts_with("\xfe\xff")) return encoding_of("utf-16be");
  mark = 0;
  return nullptr;
}

std::string decode_named(std::string_view bytes, std::string_view name) {
  const Encoding* encoding = encoding_of(name);
  Encoding other{name, Kind::SingleByte, nullptr, ""};
  const std::string wanted = encoding == nullptr ? lower_ascii(name.substr(0, 20)) : std::string();
  for (const OtherName& known : kOtherNames) {
    if (known.name != wanted) continue;
    other.converter = known.converter;
    encoding = known.converter == nullptr ? encoding_of(known.label) : &other;
  }
  if (encoding == nullptr) encoding = encoding_of(find_broken(bytes, 0) == bytes.size() ? "utf-8" : "windows-1252");
  return decode(std::string(bytes), *encoding, 4 * bytes.size()).value_or(std::string());
}

std::optional<std::string> decode(std::string bytes, const Encoding& encoding, std::size_t most) {
  std::optional<std::string> text;
  switch (encoding.kind) {
    case Kind::Utf8:
      text = decode_utf8(std::move(bytes));
      break;
    case Kind::Utf16Le:
      text = decode_utf16(bytes, false);
      break;
    case Kind::Utf16Be:
      text = decode_utf16(bytes, true);
      break;
    case Kind::SingleByte:
    case Kind::UserDefined:
      text = decode_single_bytes(bytes, encoding);
      break;
    case Kind::MultiByte:
    case Kind::Escapes:
      return decode_with_iconv(bytes, encoding, most);
    case Kind::Replacement:
      text = bytes.empty() ? std::string() : std::string("\xef\xbf\xbd");
      break;
  }
  if (text && text->size() > most) return std::nullopt;
  return text;
}

}  // namespace cadence::analysis::inline text
