// What a Content-Type header says, and bodies turned into UTF-8 as a browser does it: a byte order mark counts before
// the header, the header before the page's own meta element or XML declaration, and where nothing is declared the bytes
// are looked at. Promises: at most `most` bytes of text come out, any bytes are text.
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

// Where nothing or plain text is declared, the bytes tell whether they are text (mimesniff.spec.whatwg.org, 7.2).
bool is_binary_body(std::string_view body, const ContentType& type);

// Bytes that are wrong in their encoding become U+FFFD; a byte order mark goes. Labels that browsers do not know count
// as none. Invalid when the text would exceed `most` bytes.
base::Result<std::string> to_utf8(std::string body, const ContentType& type, std::size_t most);

}  // namespace cadence::analysis::source
