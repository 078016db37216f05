// Bytes in the encodings of the web, made UTF-8 as browsers do it (encoding.spec.whatwg.org): what a label really
// means, and U+FFFD for what belongs to no character. Promises: any bytes are text; one pass, linear in them; the
// result does not depend on the locale. The tables are the C library's (iconv); knows neither pages nor git.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cadence::analysis::inline text {

struct Encoding {
  enum class Kind { Utf8, Utf16Le, Utf16Be, SingleByte, MultiByte, Escapes, UserDefined, Replacement };
  std::string_view name;
  Kind kind;
  const char* converter;    // iconv's name; null where none is needed
  std::string_view labels;  // separated by spaces
};

// The encoding that browsers take for a label, in any letter case and with white space around it; null when it names
// none. gb2312 is gbk, shift_jis is windows-31j, iso-8859-1 is windows-1252.
const Encoding* encoding_of(std::string_view label);

// The encoding that a byte order mark tells, and the mark's length; null without one.
const Encoding* encoding_by_mark(std::string_view bytes, std::size_t& mark);

// A byte order mark stays. Nothing when the text would exceed `most` bytes.
std::optional<std::string> decode(std::string bytes, const Encoding& encoding, std::size_t most);

// Text that programs wrote, which know more names than browsers. Under a name that nobody knows, or none, it is UTF-8
// where its bytes are that, else windows-1252.
std::string decode_named(std::string_view bytes, std::string_view name);

}  // namespace cadence::analysis::inline text
