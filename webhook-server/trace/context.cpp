#include "trace/context.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

namespace cadence::trace {
namespace {

constexpr std::size_t kLength = 55;  // of version 00: 00-TRACE-SPAN-FLAGS

bool is_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }
bool is_id(std::string_view text) { return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos; }

// Ids are no secrets: they shall differ, and nobody pays a system call for each.
std::string random_id(int words) {
  static thread_local std::mt19937_64 random = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  do {
    id.clear();
    for (int i = 0; i < words; ++i)
      for (std::uint64_t word = random(), digit = 0; digit < 16; ++digit, word >>= 4) id += kDigits[word & 15];
  } while (!is_id(id));
  return id;
}

}  // namespace

std::optional<Context> parse_traceparent(std::string_view text) {
  if (text.size() < kLength) return std::nullopt;
  const auto version = text.substr(0, 2), trace = text.substr(3, 32), span = text.substr(36, 16),
             flags = text.substr(53, 2);
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  if (!is_hex(version) || version == "ff" || !is_id(trace) || !is_id(span) || !is_hex(flags)) return std::nullopt;
  if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return std::nullopt;
  const bool is_sampled = std::string_view("13579bdf").find(flags[1]) != std::string_view::npos;
  return Context{std::string(trace), std::string(span), is_sampled, {}};
}

std::string traceparent_of(const Context& context) {
  return "00-" + context.trace_id + "-" + context.span_id + (context.is_sampled ? "-01" : "-00");
}

Context new_trace(double ratio) {
  Context context{random_id(2), random_id(1), false, {}};
  context.is_sampled = is_sampled(context.trace_id, ratio);
  return context;
}

bool is_sampled(std::string_view trace_id, double ratio) {
  if (ratio >= 1) return true;
  if (!(ratio > 0) || trace_id.size() != 32) return false;
  // The lower 63 bits as a fraction of all that there could be, as other implementations of this sampler do.
  const auto number = std::stoull(std::string(trace_id.substr(16)), nullptr, 16) >> 1;
  return static_cast<double>(number) < ratio * std::ldexp(1.0, 63);
}

Context child_of(const Context& parent) { return {parent.trace_id, random_id(1), parent.is_sampled, parent.state}; }

}  // namespace cadence::trace
