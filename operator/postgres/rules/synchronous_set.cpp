#include "postgres/rules/synchronous_set.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::postgres {
namespace {

using base::Error;
using base::ErrorKind;

void tidy(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

bool includes(const SynchronousSet& set, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const auto& name) { return set.has(name); });
}

std::string quoted_name(const std::string& name) { return "\"" + base::replace_all(name, "\"", "\"\"") + "\""; }

// Wide enough for both the set that is applied and the one that shall be.
SynchronousSet bridge(const SynchronousFacts& facts, const SynchronousSet& wanted) {
  SynchronousSet out = wanted;
  for (const auto* set : {&facts.applied, &facts.published})
    out.names.insert(out.names.end(), set->names.begin(), set->names.end());
  tidy(out.names);
  out.number = std::min({facts.applied.number, facts.published.number, wanted.number});
  return out;
}

bool is_caught_up(const SynchronousFacts& facts, const SynchronousSet& wanted) {
  const auto count = std::count_if(wanted.names.begin(), wanted.names.end(), [&](const auto& name) {
    const auto found = facts.flushed.find(name);
    return found != facts.flushed.end() && found->second >= facts.applied_at;
  });
  return count >= wanted.number;
}

}  // namespace

bool SynchronousSet::has(std::string_view name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string to_text(const SynchronousSet& set) {
  std::string out = std::string(to_string(set.mode)) + " " + std::to_string(set.number);
  for (const auto& name : set.names) out += " " + name;
  return out;
}

base::Result<SynchronousSet> parse_synchronous_set(std::string_view text) {
  // Any white space parts words: people edit annotations in YAML.
  std::string spaced(text);
  std::replace_if(
      spaced.begin(), spaced.end(), [](char c) { return c >= '\t' && c <= '\r'; }, ' ');
  std::vector<std::string> words;
  for (auto& word : base::split(spaced, ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  const auto mode = words.size() < 2 ? std::nullopt : parse_synchronous_mode(words[0]);
  const auto number = words.size() < 2 ? std::nullopt : base::parse_integer(words[1]);
  SynchronousSet out;
  if (mode) out = {*mode, 0, {words.begin() + 2, words.end()}};
  // Counted without repeats: a set that asks for more names than it has would leave an election a quorum of nobody.
  tidy(out.names);
  if (!mode || !number || *number < 0 || *number > static_cast<std::int64_t>(out.names.size())) {
    return Error{ErrorKind::Invalid, "a synchronous set must be 'MODE NUMBER NAME…' with at least NUMBER names, not '" +
                                         std::string(text) + "'"};
  }
  out.number = static_cast<int>(*number);
  return out;
}

SynchronousSet wanted_set(const Synchronous& wanted, const std::vector<std::string>& others,
                          const std::vector<std::string>& streaming) {
  SynchronousSet out;
  out.mode = wanted.mode;
  for (const auto& name : others) {
    const bool is_streaming = std::find(streaming.begin(), streaming.end(), name) != streaming.end();
    if (wanted.mode == SynchronousMode::Required || is_streaming) out.names.push_back(name);
  }
  tidy(out.names);
  // Required with more copies than there are standbys would wait for ever: all of them is the most that can be had.
  if (wanted.mode != SynchronousMode::Off) out.number = std::min(wanted.number, static_cast<int>(out.names.size()));
  return out;
}

std::string render_synchronous_standby_names(const SynchronousSet& set) {
  if (set.number == 0) return "";
  std::vector<std::string> quoted;
  for (const auto& name : set.names) quoted.push_back(quoted_name(name));
  return "ANY " + std::to_string(set.number) + " (" + base::join(quoted, ", ") + ")";
}

SynchronousStep next_step(const SynchronousFacts& facts, const SynchronousSet& wanted) {
  if (!(facts.applied == wanted)) {
    const bool is_covered = includes(facts.published, wanted.names) && facts.published.number <= wanted.number;
    if (is_covered) return {std::nullopt, wanted};
    return {bridge(facts, wanted), std::nullopt};
  }
  if (facts.published == wanted || !is_caught_up(facts, wanted)) return {};
  return {wanted, std::nullopt};
}

}  // namespace cadence::postgres
