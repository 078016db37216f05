// Text of strangers made fit to be shown: whatever bytes come in, what goes out is UTF-8 without anything that moves a
// cursor, hides or reorders. Pure; knows neither HTML nor terminals' colours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cadence::report {

// Bytes that are not UTF-8 become U+FFFD; control and invisible characters, those that turn the reading direction among
// them, become
// "[U+202E]"; a tab becomes a space. Line ends stay.
std::string visible(std::string_view text);
// The same on one line.
std::string visible_line(std::string_view text);
// The first line that is not blank, made visible and cut to `columns` with an ellipsis.
std::string visible_subject(std::string_view message, std::size_t columns);

// A JSON text in which a terminal stumbles over nothing: what visible() would name, beyond ASCII, is escaped as JSON
// does (RFC 8259 §7).
std::string visible_json(std::string_view text);

// Columns that a visible text takes on a terminal: wide characters take two, combining ones none.
std::size_t columns_of(std::string_view text);
// At most `columns`; what was cut is told by "…".
std::string cut(std::string_view text, std::size_t columns);
// Lines of at most `columns`, broken at spaces where there are any.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

}  // namespace cadence::report
