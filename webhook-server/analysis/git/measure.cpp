#include "analysis/git/measure.hpp"

#include <algorithm>

#include "analysis/git/glob.hpp"
#include "analysis/git/line_numbers.hpp"
#include "analysis/git/token_diff.hpp"

namespace cadence::analysis::git {
namespace {

void insert_line(LineDifference& difference, std::string_view line) {
  difference.inserted.push_back(line);
  if (!line.empty()) ++difference.additions;
}

std::int64_t count_non_empty(std::string_view text) {
  std::int64_t count = 0;
  each_line(text, [&](std::string_view line) { count += line != "\n" ? 1 : 0; });
  return count;
}

// Compares one pair of texts after the other with the same memory.
class LineComparison {
 public:
  LineDifference compare(std::string_view before, std::string_view after, std::uint64_t steps) {
    LineDifference difference;
    if (before == after || is_binary(before) || is_binary(after)) return difference;
    if (before.empty() || after.empty()) {
      each_line(after, [&](std::string_view line) { insert_line(difference, line.ends_with('\n') ? line.substr(0, line.size() - 1) : line); });
      difference.deletions = count_non_empty(before);
      return difference;
    }
    const TrimmedTexts texts = trim_common(before, after);
    lines_.start();
    lines_.number(texts.before, old_tokens_);
    lines_.number(texts.after, new_tokens_);
    for (const Chunk& chunk : diff_tokens(old_tokens_, new_tokens_, steps)) add(chunk, difference);
    return difference;
  }

 private:
  void add(const Chunk& chunk, LineDifference& difference) const {
    if (chunk.edit == Edit::Equal) return;
    for (const Token token : chunk.tokens) {
      const std::string_view line = lines_.line(token);
      if (chunk.edit == Edit::Insert) {
        insert_line(difference, line);
      } else if (!line.empty()) {
        ++difference.deletions;
      }
    }
  }

  LineNumbers lines_;
  Tokens old_tokens_;
  Tokens new_tokens_;
};

class Measuring {
 public:
  Measuring(ObjectView& objects, const Bounds& bounds, const std::vector<std::string>& exclude_files)
      : objects_(objects), bounds_(bounds), exclude_files_(exclude_files) {}

  void add(const Change& change) {
    LineDifference difference;
    if (!compare(change, difference)) return;
    count(difference, change, result_.total, total_paths_);
    if (is_excluded(exclude_files_, change.after ? change.after->path : change.before->path)) return;
    count(difference, change, result_.counts, paths_);
    result_.has_diff = result_.has_diff || is_file(change.before) || is_file(change.after);
    for (const std::string_view line : difference.inserted) result_.added.add(line);
  }

  Measurement take() {
    result_.counts.files = count_distinct(paths_);
    result_.total.files = count_distinct(total_paths_);
    return std::move(result_);
  }

 private:
  static bool is_file(const std::optional<FileSide>& side) { return side && side->is_file(); }

  static std::int64_t count_distinct(std::vector<std::string_view>& paths) {
    std::sort(paths.begin(), paths.end());
    return std::unique(paths.begin(), paths.end()) - paths.begin();
  }

  static void count(const LineDifference& difference, const Change& change, LineCounts& counts, std::vector<std::string_view>& paths) {
    counts.additions += difference.additions;
    counts.deletions += difference.deletions;
    if (is_file(change.before)) paths.emplace_back(change.before->path);
    if (is_file(change.after)) paths.emplace_back(change.after->path);
  }

  // False when a side cannot be read. The texts stay in before_ and after_, for the difference refers to them.
  bool compare(const Change& change, LineDifference& difference) {
    if (change.before && change.after && change.before->oid == change.after->oid) return true;  // renamed, or another mode
    bool is_too_large = false;
    if (!read(change.before, before_, is_too_large) || !read(change.after, after_, is_too_large)) return false;
    if (!is_too_large) difference = comparison_.compare(before_, after_, bounds_.max_line_diff_steps);
    return true;
  }

  bool read(const std::optional<FileSide>& side, Content& text, bool& is_too_large) {
    text = {};
    if (!is_file(side)) return true;
    const auto size = objects_.size(side->oid);
    if (!size) return false;
    if (*size > bounds_.max_file_bytes) {
      is_too_large = true;
      return true;
    }
    auto content = objects_.read(side->oid, ObjectKind::Blob);
    if (!content) return false;
    text = std::move(*content);
    return true;
  }

  ObjectView& objects_;
  const Bounds& bounds_;
  const std::vector<std::string>& exclude_files_;
  LineComparison comparison_;
  Content before_;
  Content after_;
  // Of the changes, which outlive this.
  std::vector<std::string_view> paths_;
  std::vector<std::string_view> total_paths_;
  Measurement result_;
};

}  // namespace

void AddedText::add(std::string_view line) {
  if (line.starts_with("++")) return;
  if (!starts_.empty()) code_ += '\n';
  starts_.push_back(code_.size());
  code_ += line;
}

std::string_view AddedText::line(std::size_t i) const {
  const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] - 1 : code_.size();
  return std::string_view(code_).substr(starts_[i], end - starts_[i]);
}

LineDifference compare_lines(std::string_view before, std::string_view after, std::uint64_t steps) {
  return LineComparison().compare(before, after, steps);
}

std::optional<Measurement> measure(ObjectView& objects, const Oid& before, const Oid& after, const std::vector<std::string>& exclude_files,
                                   const Bounds& bounds, std::stop_token stop) {
  const auto changes = compare_trees(objects, before, after, bounds, stop);
  if (!changes) return std::nullopt;
  Measuring measuring(objects, bounds, exclude_files);
  for (const Change& change : *changes) {
    if (stop.stop_requested()) return std::nullopt;
    measuring.add(change);
  }
  return measuring.take();
}

}  // namespace cadence::analysis::git
