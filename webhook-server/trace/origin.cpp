#include "trace/origin.hpp"

#include <algorithm>

#include "trace/state.hpp"

namespace cadence::trace {

std::string tellable_id(std::string_view id) {
  constexpr std::size_t kLongest = 100;
  const bool is_visible = std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  return is_visible && id.size() <= kLongest ? std::string(id) : std::string();
}

std::string to_text(const Origin& origin) {
  if (!origin.context && origin.delivery.empty()) return {};
  auto text = (origin.context ? traceparent_of(*origin.context) : "-") + " " + origin.delivery;
  if (origin.context && !origin.context->state.empty()) text += " " + origin.context->state;
  return text;
}

Origin read_origin(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return {};
  Origin origin{parse_traceparent(text.substr(0, space)), {}};
  const auto rest = text.substr(space + 1);
  const auto end = std::min(rest.find(' '), rest.size());
  origin.delivery = tellable_id(rest.substr(0, end));
  if (origin.context) origin.context->state = read_tracestate(rest.substr(end));
  return origin;
}

base::LogContextFields log_fields(std::string_view origin, const std::string& job_id) {
  const auto known = read_origin(origin);
  base::LogContextFields fields{{"job", job_id}, {"delivery", known.delivery}};
  if (!known.context) return fields;
  fields.emplace_back("trace_id", known.context->trace_id);
  fields.emplace_back("span_id", known.context->span_id);
  return fields;
}

}  // namespace cadence::trace
