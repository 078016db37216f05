#include "analysis/git/result_json.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/git/strategies.hpp"
#include "json/members.hpp"

namespace cadence::analysis::git {
namespace {

json::Value to_json(const Suspicion& one) {
  return {{"commit_hash", one.commit_hash},
          {"commit_index", one.commit_index},
          {"message", one.message},
          {"severity", to_string(one.severity)},
          {"reasons", one.reasons},
          {"triggered", one.strategies},
          {"score", one.score},
          {"confidence", one.confidence}};
}

// Adds members, but not those that say nothing.
class Members {
 public:
  explicit Members(json::Value& target) : target_(target) {}
  void count(const char* name, std::int64_t value) {
    if (value != 0) target_[name] = value;
  }
  void ratio(const char* name, double value) {
    if (value != 0) target_[name] = value;
  }
  void text(const char* name, const std::string& value) {
    if (!value.empty()) target_[name] = value;
  }

 private:
  json::Value& target_;
};

json::Value without_suspicions(const AnalysisResult& result) {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(result.completed_at - result.started_at);
  json::Value value = {{"analyzed_at", base::format_rfc3339_micro(result.started_at)},
                       {"started_at", base::format_rfc3339_micro(result.started_at)},
                       {"completed_at", base::format_rfc3339_micro(result.completed_at)},
                       {"duration_ms", took.count()}};
  Members members(value);
  members.count("total_commits", result.total_commits);
  members.count("suspicious_commits", result.suspicious_commits());
  members.text("velocity", result.velocity.value_or(""));
  members.text("time_span", result.time_span.value_or(""));
  members.count("unique_authors", result.unique_authors.value_or(0));
  members.count("average_commit_size", result.average_commit_size.value_or(0));
  members.ratio("overall_suspicion", result.overall_suspicion);
  members.ratio("overall_score", result.overall_suspicion / 100);
  members.count("items_analyzed", result.items_analyzed);
  members.count("items_flagged", result.items_flagged);
  // As upstream counts: the git analysis as a whole is one. What fired inside it is each suspicion's `triggered`.
  members.count("strategies_used", result.strategies_used);
  members.count("strategies_hit", result.strategies_hit);
  members.ratio("average_score", result.average_score);
  members.ratio("coverage_rate", result.coverage_rate);
  members.text("commit", result.tip);
  return value;
}

// About how many bytes a suspicion takes; a text that grows on its way is copied, and its pages touched, twice.
std::size_t room_for(const Suspicion& one) {
  constexpr std::size_t kKeysAndNumbers = 200;
  std::size_t room = kKeysAndNumbers + one.message.size();
  for (const std::string_view reason : one.reasons) room += reason.size() + 3;
  for (const std::string_view strategy : one.strategies) room += strategy.size() + 3;
  return room;
}

// Writes suspicions as json::dump writes to_json's, in half a microsecond each.
class SuspicionWriter {
 public:
  explicit SuspicionWriter(std::string& out) : out_(out) {}

  void write(const Suspicion& one) {
    text("{\"commit_hash\":", one.commit_hash);
    out_.append(",\"commit_index\":")
        .append(std::to_string(one.commit_index))
        .append(",\"confidence\":")
        .append(number(one.confidence));
    text(",\"message\":", one.message);
    list(",\"reasons\":", one.reasons);
    out_.append(",\"score\":").append(number(one.score));
    text(",\"severity\":", to_string(one.severity));
    list(",\"triggered\":", one.strategies);
    out_ += '}';
  }

 private:
  void text(const char* key, std::string_view value) {
    out_ += key;
    json::append_text(out_, value);
  }

  template <class Texts>
  void list(const char* key, const Texts& texts) {
    out_ += key;
    char before = '[';
    for (const std::string_view one : texts) {
      out_ += std::exchange(before, ',');
      json::append_text(out_, one);
    }
    out_ += texts.empty() ? "[]" : "]";
  }

  // Few numbers come up, again and again.
  const std::string& number(double value) {
    const auto [known, is_new] = numbers_.try_emplace(value);
    if (is_new) known->second = json::dump(value);
    return known->second;
  }

  std::string& out_;
  std::map<double, std::string> numbers_;
};

}  // namespace

json::Value to_json(const AnalysisResult& result) {
  auto value = without_suspicions(result);
  for (const Suspicion& one : result.suspicions) value["suspicions"].push_back(to_json(one));
  return value;
}

std::string to_text(const AnalysisResult& result, const json::Value& more) {
  auto rest = without_suspicions(result);
  rest.update(more);
  std::string text = json::dump(rest);
  if (result.suspicions.empty()) return text;
  text.back() = ',';
  text += "\"suspicions\":";
  std::size_t room = text.size();
  for (const Suspicion& one : result.suspicions) room += room_for(one);
  text.reserve(room);
  SuspicionWriter writer(text);
  char before = '[';
  for (const Suspicion& one : result.suspicions) {
    text += std::exchange(before, ',');
    writer.write(one);
  }
  return text += "]}";
}

namespace {

// Nothing where none has this name.
const Strategy* strategy_named(std::string_view name) {
  const auto all = strategies();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Strategy& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

// Of most of these strategies; of equals, the first.
std::string_view common_category(const std::vector<std::string_view>& names) {
  std::map<std::string_view, int> times;
  for (const auto name : names) ++times[strategy_named(name)->category];
  std::string_view most;
  for (const auto name : names)
    if (const auto category = strategy_named(name)->category; most.empty() || times[category] > times[most])
      most = category;
  return most;
}

Severity severity_from(const std::string& word) {
  for (const auto severity : {Severity::High, Severity::Medium})
    if (word == to_string(severity)) return severity;
  return Severity::Low;
}

Suspicion suspicion_from(const json::Value& document) {
  Suspicion one;
  one.commit_hash = json::text_in(document, "commit_hash");
  one.commit_index = json::integer_in(document, "commit_index");
  one.message = json::text_in(document, "message");
  one.severity = severity_from(json::text_in(document, "severity"));
  one.reasons = json::texts_in(document, "reasons");
  const auto names = json::texts_in(document, "triggered");
  // A reason without its strategy is shown without one; with another's it would be wrong. The views are of names that
  // live as long as the program.
  if (std::all_of(names.begin(), names.end(), strategy_named))
    for (const auto& name : names) one.strategies.push_back(strategy_named(name)->name);
  one.category = common_category(one.strategies);
  one.score = json::number_in(document, "score");
  one.confidence = json::number_in(document, "confidence");
  return one;
}

}  // namespace

AnalysisResult from_json(const json::Value& document) {
  AnalysisResult result;
  const auto text = [&](const char* name) {
    auto value = json::text_in(document, name);
    return value.empty() ? std::nullopt : std::optional(std::move(value));
  };
  const auto count = [&](const char* name) {
    const auto value = json::integer_in(document, name);
    return value == 0 ? std::nullopt : std::optional(value);
  };
  result.total_commits = json::integer_in(document, "total_commits");
  result.overall_suspicion = json::number_in(document, "overall_suspicion");
  result.velocity = text("velocity");
  result.time_span = text("time_span");
  result.unique_authors = count("unique_authors");
  result.average_commit_size = count("average_commit_size");
  result.items_analyzed = json::integer_in(document, "items_analyzed");
  result.items_flagged = json::integer_in(document, "items_flagged");
  result.strategies_used = json::integer_in(document, "strategies_used");
  result.strategies_hit = json::integer_in(document, "strategies_hit");
  result.average_score = json::number_in(document, "average_score");
  result.coverage_rate = json::number_in(document, "coverage_rate");
  result.tip = json::text_in(document, "commit");
  result.started_at = base::parse_rfc3339(json::text_in(document, "started_at"));
  result.completed_at = base::parse_rfc3339(json::text_in(document, "completed_at"));
  for (const auto& one : json::list_in(document, "suspicions")) result.suspicions.push_back(suspicion_from(one));
  return result;
}

json::Value summary_json(const AnalysisResult& result) {
  return {{"suspicious_commits", result.suspicious_commits()}, {"overall_suspicion", result.overall_suspicion}};
}

}  // namespace cadence::analysis::git
