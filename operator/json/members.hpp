// Members of a document whose shape nobody vouches for: empty, 0 or no elements where they are absent or of another
// type. Pure; throws nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "json/value.hpp"

namespace cadence::json {

std::string text_in(const Value& document, const char* name);
std::int64_t integer_in(const Value& document, const char* name);
double number_in(const Value& document, const char* name);
const Value& list_in(const Value& document, const char* name);
std::vector<std::string> texts_in(const Value& document, const char* name);  // the elements that are texts

}  // namespace cadence::json
