// The report for terminals.
#include <algorithm>
#include <cmath>

#include "report/figures.hpp"
#include "report/report.hpp"
#include "report/visible.hpp"

namespace cadence::report {
namespace {

using analysis::git::AnalysisResult;
using analysis::git::Severity;
using analysis::web::WebResult;

constexpr std::size_t kMargin = 2;

// Writes lines that keep to the columns, with colours where they are wanted.
class Sheet {
 public:
  explicit Sheet(const TextLook& look)
      : look_(look), width_(std::clamp<std::size_t>(look.columns, 40, 160) - 2 * kMargin) {}

  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] std::string painted(const std::string& text, const char* colour) const {
    return look_.has_colour && !text.empty() ? std::string("\x1b[") + colour + "m" + text + "\x1b[0m" : text;
  }
  [[nodiscard]] std::string bold(const std::string& text) const { return painted(text, "1"); }
  [[nodiscard]] std::string faint(const std::string& text) const { return painted(text, "2"); }

  void line(const std::string& text = {}) { out_ += text.empty() ? "\n" : std::string(kMargin, ' ') + text + "\n"; }
  void wrapped(const std::string& text, std::size_t indent) {
    for (const auto& part : wrap(text, width_ - indent)) line(std::string(indent, ' ') + part);
  }
  void heading(const std::string& text) {
    line();
    line(bold(text));
  }
  // Pairs side by side, as many as fit.
  void figures(const std::vector<std::pair<std::string, std::string>>& pairs) {
    constexpr std::size_t kCell = 26;
    const std::size_t across = std::max<std::size_t>(1, width_ / kCell);
    for (std::size_t i = 0; i < pairs.size(); i += across) {
      std::string row;
      for (std::size_t j = i; j < std::min(i + across, pairs.size()); ++j) {
        const auto& [name, value] = pairs[j];
        const auto used = std::max<std::size_t>(columns_of(name), 10) + 1 + columns_of(value);
        row +=
            faint(name) + std::string(std::max<std::size_t>(columns_of(name), 10) + 1 - columns_of(name), ' ') + value;
        if (j + 1 < std::min(i + across, pairs.size())) row += std::string(used < kCell ? kCell - used : 1, ' ');
      }
      line(row);
    }
  }
  void bar(double share, const char* colour) {
    const auto filled =
        static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width_)));
    const char* full = look_.has_unicode ? "█" : "#";
    const char* empty = look_.has_unicode ? "░" : ".";
    line(painted(repeated(full, filled), colour) + faint(repeated(empty, width_ - filled)));
  }
  // One character a step, as high as its number.
  [[nodiscard]] std::string spark(const std::vector<std::size_t>& numbers) const {
    static const char* const kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char* const kLetters[] = {".", ".", ":", ":", "-", "=", "#", "#"};
    const auto most = numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end());
    // Chosen first: gcc 12 takes the index of `(a ? b : c)[i]` from memory that only one of the branches has written.
    const char* const* const heights = look_.has_unicode ? kBlocks : kLetters;
    std::string text;
    for (const auto number : numbers) text += number == 0 ? " " : heights[number * 8 / (most + 1)];
    return text;
  }
  [[nodiscard]] const TextLook& look() const { return look_; }
  [[nodiscard]] std::string text() && { return std::move(out_); }

 private:
  static std::string repeated(const char* what, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += what;
    return text;
  }

  const TextLook& look_;
  const std::size_t width_;
  std::string out_;
};

const char* colour_of(std::string_view severity) {
  return severity == "high" ? "1;31" : severity == "medium" ? "33" : "36";
}
const char* colour_of(double share) { return share >= 70 ? "31" : share >= 40 ? "33" : "32"; }

std::string padded(std::string text, std::size_t columns) {
  const auto used = columns_of(text);
  return used < columns ? text + std::string(columns - used, ' ') : text;
}

void write_title(Sheet& sheet, const Report& report, const std::string& what) {
  sheet.line();
  sheet.line(sheet.bold(cut(visible_line(report.name.empty() ? report.source : report.name), sheet.width())));
  sheet.line(sheet.faint(cut(what, sheet.width())));
  sheet.line();
}

void write_severities(Sheet& sheet, const Verdict& verdict) {
  sheet.line(sheet.painted(grouped(static_cast<std::int64_t>(verdict.high)) + " high", colour_of("high")) + "  " +
             sheet.painted(grouped(static_cast<std::int64_t>(verdict.medium)) + " medium", colour_of("medium")) + "  " +
             sheet.painted(grouped(static_cast<std::int64_t>(verdict.low)) + " low", colour_of("low")));
}

void write_timeline(Sheet& sheet, const AnalysisResult& found) {
  if (found.sizes.size() < 2) return;
  const auto stretch = stretch_of(found.sizes);
  constexpr std::size_t kLabel = 9;
  const auto steps = steps_of(found.sizes, stretch, sheet.width() - kLabel);
  std::vector<std::size_t> commits, flagged;
  for (const auto& step : steps) {
    commits.push_back(step.commits);
    flagged.push_back(step.flagged);
  }
  sheet.heading("Commits over time");
  sheet.line(padded("all", kLabel) + sheet.spark(commits));
  sheet.line(padded("flagged", kLabel) + sheet.painted(sheet.spark(flagged), "33"));
  const auto begin = day_of(stretch.begin), end = day_of(stretch.end);
  const auto room = sheet.width() - kLabel;
  sheet.line(sheet.faint(std::string(kLabel, ' ') + begin +
                         std::string(room > begin.size() + end.size() ? room - begin.size() - end.size() : 1, ' ') +
                         end));
}

void write_strategies(Sheet& sheet, const AnalysisResult& found) {
  const auto counts = strategies_of(found);
  if (counts.empty()) return;
  sheet.heading("Strategies that fired");
  for (const auto& [name, times] : counts)
    sheet.line(padded(cut(name, sheet.width() - 12), std::min<std::size_t>(34, sheet.width() - 11)) +
               grouped(static_cast<std::int64_t>(times)));
}

void write_commits(Sheet& sheet, const AnalysisResult& found) {
  const auto shown = weightiest(found, sheet.look().rows);
  if (shown.empty()) return;
  sheet.heading("Flagged commits, the weightiest first");
  for (const auto* one : shown) {
    const auto severity = std::string(analysis::git::to_string(one->severity));
    sheet.line();
    sheet.line(sheet.painted(padded(severity, 7), colour_of(severity)) + short_hash(one->commit_hash) + "  " +
               visible_subject(one->message, sheet.width() - 30) + sheet.faint("  " + decimal(one->score, 1) + " %"));
    for (const auto& reason : one->reasons) sheet.wrapped(visible(reason), 7);
  }
  const auto left = found.suspicions.size() - shown.size();
  if (left == 0) return;
  sheet.line();
  sheet.wrapped(grouped(static_cast<std::int64_t>(left)) + " more: --rows shows more of them, --format json all", 0);
}

void write_git(Sheet& sheet, const Report& report, const AnalysisResult& found, const Verdict& verdict) {
  write_title(sheet, report,
              "history of " + (found.tip.empty() ? "nothing" : short_hash(found.tip)) +
                  (report.branch.empty() ? "" : " (" + visible_line(report.branch) + ")") + ", " +
                  visible_line(report.source) + ", " + report.rules);
  const auto flagged = grouped(static_cast<std::int64_t>(found.suspicions.size()));
  sheet.line(sheet.painted(decimal(verdict.suspicious_share, 1) + " %", colour_of(verdict.suspicious_share)) + " of " +
             grouped(found.total_commits) + " commits flagged");
  sheet.wrapped(verdict.assessment, 0);
  sheet.bar(verdict.suspicious_share / 100, colour_of(verdict.suspicious_share));
  write_severities(sheet, verdict);
  sheet.line();
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  sheet.figures({{"commits", grouped(found.total_commits)},
                 {"flagged", flagged},
                 {"authors", grouped(found.unique_authors.value_or(0))},
                 {"span", found.time_span.value_or("none")},
                 {"mean size", grouped(found.average_commit_size.value_or(0)) + " lines"},
                 {"velocity", found.velocity.value_or("none")},
                 {"score", decimal(verdict.weighted_score, 1) + " of 100"},
                 {"took", took_of(duration_cast<milliseconds>(found.completed_at - found.started_at).count())}});
  write_timeline(sheet, found);
  write_strategies(sheet, found);
  write_commits(sheet, found);
}

void write_patterns(Sheet& sheet, const WebResult& found) {
  if (!found.web_patterns.empty()) sheet.heading("Patterns found");
  for (const auto& pattern : found.web_patterns) {
    const std::string severity(analysis::web::severity_word(pattern));
    sheet.line();
    sheet.line(sheet.painted(padded(severity, 7), colour_of(severity)) +
               cut(visible_line(pattern.type), sheet.width() - 14) + sheet.faint("  " + decimal(pattern.severity, 2)));
    sheet.wrapped(visible(pattern.description), 7);
    for (const auto& example : pattern.examples) sheet.wrapped("- " + visible(example), 7);
  }
  if (found.passed_patterns.empty()) return;
  sheet.heading("Patterns not found");
  std::string names;
  for (const auto& pattern : found.passed_patterns) names += (names.empty() ? "" : ", ") + visible_line(pattern.type);
  sheet.wrapped(names, 0);
}

void write_web(Sheet& sheet, const Report& report, const WebResult& found, const Verdict& verdict) {
  write_title(sheet, report, visible_line(report.source) + ", " + report.rules);
  sheet.line(sheet.painted(decimal(verdict.suspicious_share, 1) + " %", colour_of(verdict.suspicious_share)) +
             " suspicion");
  sheet.wrapped(visible_line(found.assessment), 0);
  sheet.bar(verdict.suspicious_share / 100, colour_of(verdict.suspicious_share));
  write_severities(sheet, verdict);
  sheet.line();
  sheet.figures({{"words", grouped(found.word_count)},
                 {"characters", grouped(found.character_count)},
                 {"headings", grouped(static_cast<std::int64_t>(found.headings.size()))},
                 {"patterns", grouped(found.pattern_count()) + " of " + grouped(found.strategies_used)},
                 {"quality", decimal(found.quality_score, 2)}});
  write_patterns(sheet, found);
}

void write_opinion(Sheet& sheet, const opinion::Opinion& opinion) {
  sheet.heading(cut(opinion.model.empty() ? "Second opinion" : "Second opinion of " + visible_line(opinion.model),
                    sheet.width()));
  sheet.line(sheet.faint("It changes nothing above."));
  if (!opinion.problem.empty()) return sheet.wrapped("None: " + visible(opinion.problem), 0);
  sheet.wrapped(std::string(opinion::to_string(opinion.view)) + ", confidence " + decimal(opinion.confidence * 100, 0) +
                    " %, asked about " + std::to_string(opinion.asked_about),
                0);
  sheet.wrapped(visible(opinion.summary), 0);
  for (const auto& one : opinion.commits)
    sheet.wrapped(
        short_hash(one.commit_hash) + " " + std::string(opinion::to_string(one.view)) + ": " + visible(one.reason), 2);
}

}  // namespace

std::string render_text(const Report& report, const TextLook& look) {
  Sheet sheet(look);
  const auto verdict = verdict_of(report);
  if (report.git() != nullptr) write_git(sheet, report, *report.git(), verdict);
  else write_web(sheet, report, *report.web(), verdict);
  if (report.opinion) write_opinion(sheet, *report.opinion);
  sheet.line();
  return std::move(sheet).text();
}

}  // namespace cadence::report
