#include "cadence/status/postgres/failover_story.hpp"

#include "base/text.hpp"

namespace cadence::status {
namespace {

std::string seconds(std::int64_t milliseconds) {
  const auto thousandths = std::to_string(1000 + milliseconds % 1000).substr(1);
  return std::to_string(milliseconds / 1000) + "." + thousandths + "s";
}

std::string phases_of(const postgres::Failover& story) {
  std::string out;
  for (const char* phase : {"disarm", "collect", "claim", "promote"}) {
    const auto found = story.phases.find(phase);
    if (found != story.phases.end())
      out += (out.empty() ? "" : ", ") + std::string(phase) + " " + std::to_string(found->second) + " ms";
  }
  return out;
}

}  // namespace

std::optional<postgres::Failover> read_failover(const std::string& annotation) {
  if (annotation.empty()) return std::nullopt;
  const auto document = json::parse(annotation);
  if (!document || !document->is_object()) return std::nullopt;
  auto out = json::decode_leniently<postgres::Failover>(*document);
  if (out.from.empty() || out.to.empty() || out.from == out.to || out.duration_ms < 0) return std::nullopt;
  return out;
}

api::LastFailover last_failover_of(const postgres::Failover& story) {
  return {story.at, story.from, story.to, story.reason, seconds(story.duration_ms)};
}

bool is_planned(const postgres::Failover& story) {
  return story.reason.find("planned switchover") != std::string::npos;
}

std::string to_sentence(const postgres::Failover& story) {
  const auto phases = phases_of(story);
  std::string out = story.to + " is primary after " + story.from + ": " + story.reason +
                    ". No write was possible for " + seconds(story.duration_ms);
  if (!phases.empty()) out += " (" + phases + ")";
  out += ".";
  if (!story.waited_for.empty()) out += " Waited for " + base::join(story.waited_for, ", ") + ".";
  return out;
}

}  // namespace cadence::status
