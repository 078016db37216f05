#include "report/figures.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include "analysis/text/text.hpp"

namespace cadence::report {
namespace {

using analysis::git::CommitSize;
using analysis::git::Suspicion;

constexpr std::int64_t kFirst = -62135596800;  // the year 1
constexpr std::int64_t kLast = 253402300799;   // the end of 9999

}  // namespace

std::string grouped(std::int64_t number) {
  auto text = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > sign + 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string decimal(double value, int decimals) {
  auto text = analysis::fixed(value, decimals);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string day_of(std::int64_t seconds) {
  if (seconds < kFirst || seconds > kLast) return "no date";
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                static_cast<unsigned>(day.day()));
  return text;
}

std::string minute_of(std::int64_t seconds) {
  const auto day = day_of(seconds);
  if (seconds < kFirst || seconds > kLast) return day;
  const auto minute = ((seconds % 86400) + 86400) % 86400 / 60;
  char text[48];
  std::snprintf(text, sizeof text, "%s %02d:%02d", day.c_str(), static_cast<int>(minute / 60),
                static_cast<int>(minute % 60));
  return text;
}

std::string took_of(std::int64_t milliseconds) {
  if (milliseconds < 1000) return std::to_string(milliseconds) + " ms";
  if (milliseconds < 60000) return decimal(static_cast<double>(milliseconds) / 1000, 1) + " s";
  return std::to_string(milliseconds / 60000) + " min " + std::to_string(milliseconds / 1000 % 60) + " s";
}

std::string short_hash(const std::string& hash) { return hash.substr(0, 12); }

std::vector<const Suspicion*> weightiest(const analysis::git::AnalysisResult& found, std::size_t rows) {
  std::vector<const Suspicion*> list;
  list.reserve(found.suspicions.size());
  for (const auto& one : found.suspicions) list.push_back(&one);
  const auto weighs_more = [](const Suspicion* a, const Suspicion* b) {
    return a->score != b->score ? a->score > b->score : a->commit_index < b->commit_index;
  };
  const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(rows, list.size()));
  std::partial_sort(list.begin(), end, list.end(), weighs_more);
  list.erase(end, list.end());
  return list;
}

double Stretch::place_of(std::int64_t time) const {
  const auto clamped = static_cast<double>(std::clamp(time, begin, end)) - static_cast<double>(begin);
  return clamped / (static_cast<double>(end) - static_cast<double>(begin));
}

Stretch stretch_of(const std::vector<CommitSize>& sizes) {
  std::vector<std::int64_t> times;
  times.reserve(sizes.size());
  for (const auto& one : sizes) times.push_back(std::clamp(one.time, kFirst, kLast));
  if (times.empty()) return {0, 1, 0};
  std::sort(times.begin(), times.end());
  const std::size_t hundredth = std::max<std::size_t>(times.size() / 100, times.size() >= 20 ? 1 : 0);
  Stretch stretch{times.front(), times.back(), 0};
  const auto inner_begin = times[hundredth], inner_end = times[times.size() - 1 - hundredth];
  // A quiet year stays in view; decades that hold one per cent of the commits do not.
  constexpr std::int64_t kFar = 3;
  const auto inner = std::max<std::int64_t>(inner_end - inner_begin, 86400);
  if (inner_begin - stretch.begin > kFar * inner) stretch.begin = inner_begin;
  if (stretch.end - inner_end > kFar * inner) stretch.end = inner_end;
  stretch.outside = static_cast<std::size_t>(std::count_if(
      times.begin(), times.end(), [&](std::int64_t time) { return time < stretch.begin || time > stretch.end; }));
  if (stretch.end == stretch.begin) ++stretch.end;
  return stretch;
}

std::vector<Step> steps_of(const std::vector<CommitSize>& sizes, const Stretch& stretch, std::size_t steps) {
  std::vector<Step> counted(steps);
  for (const auto& one : sizes) {
    const auto place = static_cast<std::size_t>(stretch.place_of(one.time) * static_cast<double>(steps));
    Step& step = counted[std::min(place, steps - 1)];
    ++step.commits;
    step.flagged += one.is_flagged ? 1 : 0;
  }
  return counted;
}

std::vector<StrategyCount> strategies_of(const analysis::git::AnalysisResult& found) {
  std::map<std::string_view, std::size_t> times;
  for (const auto& one : found.suspicions)
    for (const auto name : one.strategies) ++times[name];
  std::vector<StrategyCount> counts;
  for (const auto& [name, count] : times) counts.push_back({std::string(name), count});
  std::stable_sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.times > b.times; });
  return counts;
}

}  // namespace cadence::report
