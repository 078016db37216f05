#include "json/members.hpp"

#include <cmath>

namespace cadence::json {

std::string text_in(const Value& document, const char* name) { return string_at(document, {name}); }

std::int64_t integer_in(const Value& document, const char* name) {
  const auto& value = at_path(document, {name});
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

double number_in(const Value& document, const char* name) {
  const auto& value = at_path(document, {name});
  const auto number = value.is_number() ? value.get<double>() : 0;
  return std::isfinite(number) ? number : 0;
}

const Value& list_in(const Value& document, const char* name) {
  static const Value none = Value::array();
  const auto& value = at_path(document, {name});
  return value.is_array() ? value : none;
}

std::vector<std::string> texts_in(const Value& document, const char* name) {
  std::vector<std::string> texts;
  for (const auto& one : list_in(document, name))
    if (one.is_string()) texts.push_back(one.get<std::string>());
  return texts;
}

}  // namespace cadence::json
