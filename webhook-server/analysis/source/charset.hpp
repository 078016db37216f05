// What a Content-Type header says, and bodies turned into UTF-8 by it. Promises: at most `most` bytes of text come out of a conversion.
// Knows only what the header declares: nothing is guessed, and a meta element is not looked at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cadence::analysis::source {

struct ContentType {
  std::string media_type;  // lower case, "text/html"; empty when the header is absent
  std::string charset;     // lower case; empty when it is not declared
};

ContentType parse_content_type(std::string_view header);

// text/*, application/xhtml+xml, or nothing declared.
bool is_page(const ContentType& type);

// Without a charset, with utf-8 or one that nobody knows the body is taken as UTF-8; a byte order mark goes. Bytes that are wrong in
// the declared charset become U+FFFD. Invalid when the text would exceed `most` bytes.
base::Result<std::string> to_utf8(std::string body, std::string_view charset, std::size_t most);

}  // namespace cadence::analysis::source
