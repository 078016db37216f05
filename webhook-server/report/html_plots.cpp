// The plots, drawn as SVG here so that the page needs no script for them. Their size depends on the raster, not on the
// history.
#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "report/figures.hpp"
#include "report/html.hpp"

namespace cadence::report {
namespace {

using analysis::git::AnalysisResult;
using analysis::git::CommitSize;

constexpr double kWidth = 900, kLeft = 56, kRight = 12, kTop = 12;
constexpr std::size_t kColumns = 110, kLines = 40;
constexpr std::size_t kMostDots = 1000;

std::string number(double value) { return decimal(value, 1); }

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" + escape(text) +
         "</text>";
}

std::string begin_plot(const std::string& id, double height, const std::string& title, const std::string& description) {
  return "<figure>\n<figcaption>" + escape(title) + "</figcaption>\n<svg viewBox=\"0 0 " + number(kWidth) + " " +
         number(height) + "\" role=\"img\" aria-labelledby=\"" + id + "\"><title id=\"" + id + "\">" +
         escape(description) + "</title>\n";
}

std::string time_axis(const Stretch& stretch, double y) {
  std::string out;
  const bool is_short = stretch.end - stretch.begin < 5 * 86400;  // its quarters would begin on the same days
  for (const double share : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const double x = kLeft + share * (kWidth - kLeft - kRight);
    const auto time =
        stretch.begin +
        static_cast<std::int64_t>(share * (static_cast<double>(stretch.end) - static_cast<double>(stretch.begin)));
    out += text_at(x, y,
                   share == 0   ? "start"
                   : share == 1 ? "end"
                                : "middle",
                   is_short ? minute_of(time) : day_of(time));
  }
  return out;
}

// Sizes differ by powers of ten.
class SizeScale {
 public:
  explicit SizeScale(std::int64_t largest)
      : decades_(std::max(1.0, std::ceil(std::log10(static_cast<double>(std::max<std::int64_t>(largest, 9)) + 1)))) {}
  [[nodiscard]] double share_of(std::int64_t size) const {
    return std::log10(static_cast<double>(std::max<std::int64_t>(size, 0)) + 1) / decades_;
  }
  [[nodiscard]] int decades() const { return static_cast<int>(decades_); }

 private:
  double decades_;
};

// All unflagged commits: those of one cell are one dot, and dots of one thickness one path.
std::string plain_dots(const std::vector<CommitSize>& sizes, const Stretch& stretch, const SizeScale& scale,
                       double height) {
  std::vector<std::size_t> cells(kColumns * kLines);
  for (const auto& one : sizes) {
    if (one.is_flagged) continue;
    const auto column = std::min(static_cast<std::size_t>(stretch.place_of(one.time) * kColumns), kColumns - 1);
    const auto line = std::min(static_cast<std::size_t>(scale.share_of(one.size()) * kLines), kLines - 1);
    ++cells[line * kColumns + column];
  }
  std::array<std::string, 4> paths;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i] == 0) continue;
    const double x = kLeft + (static_cast<double>(i % kColumns) + 0.5) / kColumns * (kWidth - kLeft - kRight);
    const double y = kTop + height - (static_cast<double>(i / kColumns) + 0.5) / kLines * height;
    const std::size_t thickness = cells[i] < 2 ? 0 : cells[i] < 10 ? 1 : cells[i] < 100 ? 2 : 3;
    paths[thickness] += "M" + number(x) + " " + number(y) + "h0";
  }
  std::string out;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (!paths[i].empty()) out += "<path class=\"dots d" + std::to_string(i) + "\" d=\"" + paths[i] + "\"/>\n";
  }
  return out;
}

std::string flagged_dots(const AnalysisResult& found, std::size_t rows, const Stretch& stretch, const SizeScale& scale,
                         double height) {
  std::unordered_map<std::int64_t, const CommitSize*> sizes;
  for (const auto& one : found.sizes) {
    if (one.is_flagged) sizes.emplace(one.index, &one);
  }
  std::string out;
  auto shown = weightiest(found, std::min(rows, kMostDots));
  std::reverse(shown.begin(), shown.end());  // the weightiest on top
  for (const auto* one : shown) {
    const auto size = sizes.find(one->commit_index);
    if (size == sizes.end()) continue;
    const std::string severity(analysis::git::to_string(one->severity));
    out += "<circle class=\"" + severity + "\" cx=\"" +
           number(kLeft + stretch.place_of(size->second->time) * (kWidth - kLeft - kRight)) + "\" cy=\"" +
           number(kTop + height - scale.share_of(size->second->size()) * height) + "\" r=\"4\"><title>" +
           escape(short_hash(one->commit_hash)) + ", " + minute_of(size->second->time) + ", " +
           grouped(size->second->size()) + " lines, " + severity + "</title></circle>\n";
  }
  return out;
}

}  // namespace

std::string size_plot(const AnalysisResult& found, std::size_t rows) {
  constexpr double kHeight = 300;
  const auto stretch = stretch_of(found.sizes);
  std::int64_t largest = 0;
  for (const auto& one : found.sizes) largest = std::max(largest, one.size());
  const SizeScale scale(largest);
  auto out = begin_plot("plot-size", kHeight + 44, "Changed lines of each commit",
                        "Commits by time and changed lines; " + grouped(static_cast<std::int64_t>(found.sizes.size())) +
                            " were compared");
  for (int decade = 0; decade <= scale.decades(); ++decade) {
    const double y = kTop + kHeight - static_cast<double>(decade) / scale.decades() * kHeight;
    out += "<path class=\"grid\" d=\"M" + number(kLeft) + " " + number(y) + "H" + number(kWidth - kRight) + "\"/>" +
           text_at(kLeft - 6, y + 4, "end",
                   decade == 0 ? "0" : grouped(static_cast<std::int64_t>(std::llround(std::pow(10, decade))))) +
           "\n";
  }
  out += plain_dots(found.sizes, stretch, scale, kHeight) + flagged_dots(found, rows, stretch, scale, kHeight) +
         time_axis(stretch, kTop + kHeight + 22);
  out +=
      "</svg>\n<p class=\"legend\"><span class=\"key plain\"></span> not flagged <span class=\"key low\"></span> low "
      "<span class=\"key medium\"></span> medium "
      "<span class=\"key high\"></span> high";
  if (stretch.outside > 0)
    out += " · " + grouped(static_cast<std::int64_t>(stretch.outside)) + " dated far outside are drawn at the edges";
  return out + "</p>\n</figure>\n";
}

std::string activity_plot(const AnalysisResult& found) {
  constexpr double kHeight = 110;
  constexpr std::size_t kSteps = 72;
  const auto stretch = stretch_of(found.sizes);
  const auto steps = steps_of(found.sizes, stretch, kSteps);
  std::size_t most = 1;
  for (const auto& step : steps) most = std::max(most, step.commits);
  auto out = begin_plot("plot-activity", kHeight + 44, "Commits over time",
                        "Commits over time, flagged ones at the bottom of each column");
  const double pitch = (kWidth - kLeft - kRight) / kSteps;
  const auto column = [&](std::size_t i, std::size_t commits, std::size_t below, const char* look) {
    const double height = static_cast<double>(commits) / static_cast<double>(most) * kHeight;
    const double bottom = kTop + kHeight - static_cast<double>(below) / static_cast<double>(most) * kHeight;
    return commits == 0
               ? std::string()
               : std::string("<rect class=\"") + look + "\" x=\"" +
                     number(kLeft + static_cast<double>(i) * pitch + 0.5) + "\" y=\"" + number(bottom - height) +
                     "\" width=\"" + number(pitch - 1) + "\" height=\"" + number(std::max(height, 0.5)) + "\"/>";
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    out += column(i, steps[i].flagged, 0, "flagged") +
           column(i, steps[i].commits - steps[i].flagged, steps[i].flagged, "plain");
  }
  out += text_at(kLeft - 6, kTop + 8, "end", grouped(static_cast<std::int64_t>(most))) +
         text_at(kLeft - 6, kTop + kHeight, "end", "0") + time_axis(stretch, kTop + kHeight + 22);
  return out + "</svg>\n</figure>\n";
}

std::string strategy_plot(const AnalysisResult& found) {
  const auto counts = strategies_of(found);
  if (counts.empty()) return {};
  std::string out =
      "<section aria-labelledby=\"strategies-title\">\n<h2 id=\"strategies-title\">Strategies that fired</h2>\n<ul "
      "class=\"bars\">\n";
  for (const auto& [name, times] : counts) {
    const double share = static_cast<double>(times) / static_cast<double>(counts.front().times) * 100;
    out += "<li><span>" + escape(name) +
           "</span><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect "
           "class=\"flagged\" width=\"" +
           number(std::max(share, 0.5)) + "\" height=\"8\"/></svg><span class=\"number\">" +
           grouped(static_cast<std::int64_t>(times)) + "</span></li>\n";
  }
  return out + "</ul>\n</section>\n";
}

std::string dial(double share) {
  constexpr double kLength = 157.1;  // half the circumference at radius 50
  const char* look = share >= 70 ? "high" : share >= 40 ? "medium" : "low";
  return "<svg class=\"dial\" viewBox=\"0 0 120 74\" role=\"img\" aria-label=\"" + decimal(share, 1) +
         " per cent suspicious\"><path class=\"track\" d=\"M10 64A50 50 0 0 1 110 64\"/><path class=\"arc " + look +
         "\" d=\"M10 64A50 50 0 0 1 110 64\" stroke-dasharray=\"" +
         number(std::clamp(share, 0.0, 100.0) / 100 * kLength) +
         " 400\"/><text x=\"60\" y=\"60\" text-anchor=\"middle\">" + decimal(share, 1) + " %</text></svg>\n";
}

}  // namespace cadence::report
