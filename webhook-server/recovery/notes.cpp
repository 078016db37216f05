#include "recovery/notes.hpp"

#include "base/text.hpp"
#include "json/integer_at.hpp"

namespace cadence::recovery {

namespace {

json::Value of_time(base::Wall time) { return time.time_since_epoch().count(); }

base::Wall time_at(const json::Value& value, std::string_view name) {
  return base::Wall(std::chrono::microseconds(json::integer_at(value, {name})));
}

json::Value of_gap(const Gap& gap) {
  return {{"hook", gap.hook},
          {"attempt", gap.attempt},
          {"status", gap.status},
          {"repository", gap.repository},
          {"seen_at", of_time(gap.seen_at)},
          {"asked_at", of_time(gap.asked_at)},
          {"asked_attempt", gap.asked_attempt},
          {"times", gap.times},
          {"given_up", gap.is_given_up}};
}

Gap gap_of(const json::Value& value) {
  Gap gap;
  gap.hook = json::integer_at(value, {"hook"});
  gap.attempt = json::integer_at(value, {"attempt"});
  gap.status = static_cast<int>(json::integer_at(value, {"status"}));
  gap.repository = json::string_at(value, {"repository"});
  gap.seen_at = time_at(value, "seen_at");
  gap.asked_at = time_at(value, "asked_at");
  gap.asked_attempt = json::integer_at(value, {"asked_attempt"});
  gap.times = static_cast<int>(json::integer_at(value, {"times"}));
  gap.is_given_up = json::at_path(value, {"given_up"}) == json::Value(true);
  return gap;
}

json::Value of_reading(const Reading& reading) {
  return {{"newest", reading.newest},
          {"newest_at", of_time(reading.newest_at)},
          {"cursor", reading.cursor},
          {"next", reading.next},
          {"next_at", of_time(reading.next_at)}};
}

Reading reading_of(const json::Value& value) {
  return {json::integer_at(value, {"newest"}), time_at(value, "newest_at"), json::string_at(value, {"cursor"}),
          json::integer_at(value, {"next"}), time_at(value, "next_at")};
}

}  // namespace

std::string text_of(const Notes& notes) {
  auto gaps = json::Value::object(), readings = json::Value::object();
  for (const auto& [delivery, gap] : notes.gaps) gaps[delivery] = of_gap(gap);
  for (const auto& [hook, reading] : notes.readings) readings[std::to_string(hook)] = of_reading(reading);
  return json::dump({{"gaps", gaps},
                     {"readings", readings},
                     {"missing", notes.counts.missing},
                     {"asked", notes.counts.asked},
                     {"came_back", notes.counts.came_back},
                     {"given_up", notes.counts.given_up},
                     {"looked_at", of_time(notes.looked_at)},
                     {"listed", notes.listed},
                     {"problem", notes.problem}});
}

Notes notes_of(const std::string& text) {
  const auto value = json::parse(text);
  Notes notes;
  if (!value || !value->is_object()) return notes;
  if (const auto& gaps = json::at_path(*value, {"gaps"}); gaps.is_object())
    for (const auto& [delivery, gap] : gaps.items()) notes.gaps[delivery] = gap_of(gap);
  if (const auto& readings = json::at_path(*value, {"readings"}); readings.is_object())
    for (const auto& [hook, reading] : readings.items())
      notes.readings[base::parse_integer(hook).value_or(0)] = reading_of(reading);
  notes.counts = {json::integer_at(*value, {"missing"}), json::integer_at(*value, {"asked"}),
                  json::integer_at(*value, {"came_back"}), json::integer_at(*value, {"given_up"})};
  notes.looked_at = time_at(*value, "looked_at");
  notes.listed = json::integer_at(*value, {"listed"});
  notes.problem = json::string_at(*value, {"problem"});
  return notes;
}

}  // namespace cadence::recovery
