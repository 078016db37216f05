// Whole numbers of documents that others made. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "json/value.hpp"

namespace cadence::json {

// 0 where there is none.
inline std::int64_t integer_at(const Value& value, std::initializer_list<std::string_view> path) {
  const auto& found = at_path(value, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

}  // namespace cadence::json
