#include "base/quantity.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

namespace cadence::base {
namespace {

struct Suffix {
  std::string_view text;
  long double factor;
};

constexpr std::array<Suffix, 15> kSuffixes{{{"", 1.0L},
                                            {"n", 1e-9L},
                                            {"u", 1e-6L},
                                            {"m", 1e-3L},
                                            {"k", 1e3L},
                                            {"M", 1e6L},
                                            {"G", 1e9L},
                                            {"T", 1e12L},
                                            {"P", 1e15L},
                                            {"E", 1e18L},
                                            {"Ki", 1024.0L},
                                            {"Mi", 1048576.0L},
                                            {"Gi", 1073741824.0L},
                                            {"Ti", 1099511627776.0L},
                                            {"Pi", 1125899906842624.0L}}};

Error malformed(std::string_view what, std::string_view text) {
  return {ErrorKind::Invalid, std::string(what) + " \"" + std::string(text) + "\" is malformed"};
}

// The number in front; `rest` receives what follows it.
Result<long double> leading_number(std::string_view what, std::string_view text, std::string_view& rest) {
  const auto end = text.find_first_not_of("0123456789.+-");
  const std::string digits(text.substr(0, end));
  char* stopped = nullptr;
  const long double value = std::strtold(digits.c_str(), &stopped);
  if (digits.empty() || *stopped != '\0') return malformed(what, text);
  rest = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  return value;
}

Result<long double> parse_quantity(std::string_view text) {
  std::string_view suffix;
  auto number = leading_number("Quantity", text, suffix);
  if (!number) return number;
  if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    std::string_view rest;
    auto exponent = leading_number("Quantity", suffix.substr(1), rest);
    if (exponent && rest.empty()) return *number * std::pow(10.0L, *exponent);
  }
  for (const auto& known : kSuffixes) {
    if (suffix == known.text) return *number * known.factor;
  }
  return malformed("Quantity", text);
}

}  // namespace

Result<std::int64_t> parse_milli_quantity(std::string_view text) {
  auto value = parse_quantity(text);
  if (!value) return value.error();
  return static_cast<std::int64_t>(std::ceil(*value * 1000.0L - 1e-9L));
}

Result<std::int64_t> parse_bytes(std::string_view text) {
  auto value = parse_quantity(text);
  if (!value) return value.error();
  return static_cast<std::int64_t>(std::ceil(*value - 1e-9L));
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::milliseconds(0);
  long double total_ms = 0;
  std::string_view remaining = text;
  while (!remaining.empty()) {
    std::string_view rest;
    auto number = leading_number("Duration", remaining, rest);
    if (!number) return malformed("Duration", text);
    const auto unit_end = rest.find_first_of("0123456789.");
    const auto unit = rest.substr(0, unit_end);
    if (unit == "ms") total_ms += *number;
    else if (unit == "s") total_ms += *number * 1000;
    else if (unit == "m") total_ms += *number * 60000;
    else if (unit == "h") total_ms += *number * 3600000;
    else return malformed("Duration", text);
    remaining = unit_end == std::string_view::npos ? std::string_view{} : rest.substr(unit_end);
  }
  if (text.empty()) return malformed("Duration", text);
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(total_ms)));
}

}  // namespace cadence::base
