// What a job carries of the delivery that it came with, so that its log lines and spans name that delivery wherever
// they are written. One line of text in the store: TRACEPARENT or "-", a space, the sender's id of the delivery, and
// where the trace has one, a space and its TRACESTATE. Pure. Promises: what cannot be read is nothing known, never an
// error.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/log_context.hpp"
#include "trace/context.hpp"

namespace cadence::trace {

struct Origin {
  std::optional<Context> context;
  std::string delivery;  // empty: the sender gave no id that can be told
  bool operator==(const Origin&) const = default;
};

// As it was sent, if it is short and made of visible ASCII; else nothing.
std::string tellable_id(std::string_view id);

std::string to_text(const Origin& origin);  // empty where nothing is known
Origin read_origin(std::string_view text);

// What each line of the log about such a job has.
base::LogContextFields log_fields(std::string_view origin, const std::string& job_id);

}  // namespace cadence::trace
