// Takes out of code and messages what looks like a secret or names somebody before it goes to a stranger. Pure. It
// knows forms, not meanings: what has no such form stays.
#pragma once

#include <string>
#include <string_view>

namespace cadence::opinion {

// With [masked] in place of private keys, of what is assigned to names such as password or api_key, of credentials in
// URLs, of words of 20 and more letters and digits mixed, as tokens are, and of what names people: e-mail addresses and
// trailers such as Signed-off-by.
std::string without_secrets(std::string_view code);

}  // namespace cadence::opinion
