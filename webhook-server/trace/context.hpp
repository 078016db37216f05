// Which trace something belongs to, as W3C Trace Context (level 1) says it in the header traceparent. Pure but for
// random numbers. Promises: what does not keep to the letter of the specification is no context; a later version is
// read as far as version 00 reaches; what is written is version 00 and says nothing but the ids and whether the trace
// is sampled. Knows no HTTP.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cadence::trace {

struct Context {
  std::string trace_id;  // 32 lower-case hexadecimal digits
  std::string span_id;   // 16
  bool is_sampled = false;
  std::string state{};  // tracestate, as read_tracestate() wrote it (state.hpp)
  bool operator==(const Context&) const = default;
};

std::optional<Context> parse_traceparent(std::string_view text);
std::string traceparent_of(const Context& context);

// The first span of a trace of our own. `ratio`: how many of them are sampled, 0 to 1; the trace's id decides, so that
// whoever asks says the same.
Context new_trace(double ratio);
bool is_sampled(std::string_view trace_id, double ratio);
// Another span of the same trace.
Context child_of(const Context& parent);

}  // namespace cadence::trace
