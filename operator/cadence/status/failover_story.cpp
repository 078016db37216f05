#include "cadence/status/failover_story.hpp"

#include <cstdio>

#include "base/text.hpp"

namespace cadence::status {
namespace {

std::string seconds(std::int64_t milliseconds) {
  char out[32];
  std::snprintf(out, sizeof(out), "%lld.%03llds", static_cast<long long>(milliseconds / 1000), static_cast<long long>(milliseconds % 1000));
  return out;
}

std::string phases_of(const FailoverStory& story) {
  std::string out;
  for (const char* phase : {"disarm", "collect", "claim", "promote"}) {
    const auto found = story.phases.find(std::string(phase) + "_ms");
    if (found == story.phases.end() || !found->is_number_integer()) continue;
    out += (out.empty() ? "" : ", ") + std::string(phase) + " " + std::to_string(found->get<std::int64_t>()) + " ms";
  }
  return out;
}

}  // namespace

json::Object FailoverStory::json_fields() {
  using json::field;
  using S = FailoverStory;
  return {.name = "FailoverStory",
          .fields = {field<&S::at>("at"), field<&S::from>("from"), field<&S::to>("to"), field<&S::reason>("reason"), field<&S::term>("term"),
                     field<&S::duration_ms>("duration_ms"), field<&S::phases>("phases"), field<&S::waited_for>("waited_for")},
          .rules = {}};
}

std::optional<FailoverStory> read_failover(const std::string& annotation) {
  if (annotation.empty()) return std::nullopt;
  const auto document = json::parse(annotation);
  if (!document || !document->is_object()) return std::nullopt;
  auto out = json::decode_leniently<FailoverStory>(*document);
  if (!out.phases.is_object()) out.phases = json::Value::object();
  if (out.from.empty() || out.to.empty() || out.from == out.to || out.duration_ms < 0) return std::nullopt;
  return out;
}

api::LastFailover last_failover_of(const FailoverStory& story) { return {story.at, story.from, story.to, story.reason, seconds(story.duration_ms)}; }

bool is_planned(const FailoverStory& story) { return story.reason.find("planned switchover") != std::string::npos; }

std::string to_sentence(const FailoverStory& story) {
  const auto phases = phases_of(story);
  std::string out = story.to + " is primary after " + story.from + ": " + story.reason + ". No write was possible for " + seconds(story.duration_ms);
  if (!phases.empty()) out += " (" + phases + ")";
  out += ".";
  if (!story.waited_for.empty()) out += " Waited for " + base::join(story.waited_for, ", ") + ".";
  return out;
}

}  // namespace cadence::status
