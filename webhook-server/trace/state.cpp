#include "trace/state.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.hpp"

namespace cadence::trace {
namespace {

using Entries = std::vector<std::string_view>;

constexpr std::size_t kMost = 512, kLong = 128;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_of_key(char c) { return is_lower(c) || is_digit(c) || std::string_view("_-*/").find(c) != std::string::npos; }

bool is_name(std::string_view text, std::size_t longest, bool may_begin_with_digit) {
  return !text.empty() && text.size() <= longest &&
         (is_lower(text.front()) || (may_begin_with_digit && is_digit(text.front()))) &&
         std::all_of(text.begin(), text.end(), is_of_key);
}

// "vendor" or "tenant@vendor".
bool is_key(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return is_name(text, 256, false);
  return is_name(text.substr(0, at), 241, true) && is_name(text.substr(at + 1), 14, false);
}

bool is_value(std::string_view text) {
  const auto fits = [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; };
  return !text.empty() && text.size() <= 256 && text.back() != ' ' && std::all_of(text.begin(), text.end(), fits);
}

std::string_view key_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

bool is_twice(const Entries& entries, std::string_view key) {
  return std::any_of(entries.begin(), entries.end(), [&](auto entry) { return key_of(entry) == key; });
}

std::size_t length_of(const Entries& entries) {
  return std::accumulate(entries.begin(), entries.end(), entries.empty() ? 0 : entries.size() - 1,
                         [](std::size_t sum, auto entry) { return sum + entry.size(); });
}

// As the specification asks for: entries of more than 128 characters, then whatever stands last.
void shorten(Entries& entries) {
  while (length_of(entries) > kMost) {
    const auto last_long =
        std::find_if(entries.rbegin(), entries.rend(), [](auto entry) { return entry.size() > kLong; });
    entries.erase(last_long == entries.rend() ? entries.end() - 1 : last_long.base() - 1);
  }
}

}  // namespace

std::string read_tracestate(std::string_view text) {
  constexpr std::size_t kMostEntries = 32;
  Entries entries;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto entry = base::trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (entry.empty()) continue;
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || !is_key(entry.substr(0, equals)) || !is_value(entry.substr(equals + 1)))
      return {};
    if (entries.size() == kMostEntries || is_twice(entries, entry.substr(0, equals))) return {};
    entries.push_back(entry);
  }
  shorten(entries);
  std::string out;
  for (const auto entry : entries) out += (out.empty() ? "" : ",") + std::string(entry);
  return out;
}

}  // namespace cadence::trace
