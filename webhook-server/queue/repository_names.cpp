#include "queue/repository_names.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"

namespace cadence::queue {

bool is_allowed_repository(const std::vector<std::string>& patterns, std::string_view full_name) {
  if (patterns.empty()) return true;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    if (pattern.ends_with("/*"))
      return full_name.size() >= pattern.size() &&
             base::equals_ignoring_case(full_name.substr(0, pattern.size() - 1),
                                        std::string_view(pattern).substr(0, pattern.size() - 1));
    return base::equals_ignoring_case(pattern, full_name);
  });
}

bool is_plain_repository(std::string_view full_name) {
  const auto is_plain = [](const std::string& part) {
    const auto is_safe = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.' || c == '~';
    };
    return !part.empty() && part != "." && part != ".." && std::all_of(part.begin(), part.end(), is_safe);
  };
  const auto segments = base::split(full_name, '/');
  return segments.size() >= 2 && std::all_of(segments.begin(), segments.end(), is_plain);
}

}  // namespace cadence::queue
