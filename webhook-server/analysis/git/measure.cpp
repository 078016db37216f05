#include "analysis/git/measure.hpp"

#include <algorithm>

#include "analysis/git/glob.hpp"
#include "analysis/git/line_numbers.hpp"
#include "analysis/git/token_diff.hpp"

namespace cadence::analysis::git {
namespace {

std::int64_t count_non_empty(std::string_view text) {
  std::int64_t count = 0;
  each_line(text, [&](std::string_view line) { count += line != "\n" ? 1 : 0; });
  return count;
}

// Compares one pair of texts after the other with the same memory.
class LineComparison {
 public:
  // Calls insert(line) for each inserted line, without its LF, in order.
  template <class Insert>
  LineDifference compare(std::string_view before, std::string_view after, const Bounds& bounds, const Insert& insert) {
    LineDifference difference;
    if (before == after || is_binary(before) || is_binary(after)) return difference;
    const TrimmedTexts texts = trim_common(before, after);
    if (before.empty() || after.empty() ||
        count_lines(texts.before) + count_lines(texts.after) > bounds.max_diff_lines) {
      each_line(texts.after, [&](std::string_view line) { add_inserted(without_lf(line), difference, insert); });
      difference.deletions = count_non_empty(texts.before);
      return difference;
    }
    lines_.start();
    lines_.number(texts.before, old_tokens_);
    lines_.number(texts.after, new_tokens_);
    for (const Chunk& chunk : diff_tokens(old_tokens_, new_tokens_, bounds.max_line_diff_steps)) {
      for (const Token token : chunk.tokens) {
        const std::string_view line = lines_.line(token);
        if (chunk.edit == Edit::Insert) add_inserted(line, difference, insert);
        if (chunk.edit == Edit::Delete && !line.empty()) ++difference.deletions;
      }
    }
    return difference;
  }

 private:
  template <class Insert>
  static void add_inserted(std::string_view line, LineDifference& difference, const Insert& insert) {
    insert(line);
    if (!line.empty()) ++difference.additions;
  }

  LineNumbers lines_;
  Tokens old_tokens_;
  Tokens new_tokens_;
};

class Measuring {
 public:
  Measuring(ObjectView& objects, const Bounds& bounds, const std::vector<std::string>& exclude_files)
      : objects_(objects), bounds_(bounds), exclude_files_(exclude_files) {
    result_.added.limit(bounds.max_added_bytes);
  }

  void add(const Change& change) {
    if (is_excluded(exclude_files_, change.after ? change.after->path : change.before->path)) return;
    LineDifference difference;
    if (!compare(change, difference)) return;
    result_.counts.additions += difference.additions;
    result_.counts.deletions += difference.deletions;
    if (is_file(change.before)) paths_.emplace_back(change.before->path);
    if (is_file(change.after)) paths_.emplace_back(change.after->path);
    result_.has_diff = result_.has_diff || is_file(change.before) || is_file(change.after);
  }

  Measurement take() {
    result_.counts.files = count_distinct(paths_);
    return std::move(result_);
  }

 private:
  static bool is_file(const std::optional<FileSide>& side) { return side && side->is_file(); }

  static std::int64_t count_distinct(std::vector<std::string_view>& paths) {
    std::sort(paths.begin(), paths.end());
    return std::unique(paths.begin(), paths.end()) - paths.begin();
  }

  // False when a side cannot be read.
  bool compare(const Change& change, LineDifference& difference) {
    // renamed, or another mode
    if (change.before && change.after && change.before->oid == change.after->oid) return true;
    bool is_too_large = false;
    if (!read(change.before, before_, is_too_large) || !read(change.after, after_, is_too_large)) return false;
    if (is_too_large) return true;
    difference = comparison_.compare(before_, after_, bounds_, [&](std::string_view line) { result_.added.add(line); });
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
  Measurement result_;
};

}  // namespace

void AddedText::add(std::string_view line) {
  if (line.starts_with("++")) return;
  const std::uint64_t cost = line.size() + sizeof(std::size_t);
  if (cost > room_) return;
  room_ -= cost;
  if (!starts_.empty()) code_ += '\n';
  starts_.push_back(code_.size());
  code_ += line;
}

std::string_view AddedText::line(std::size_t i) const {
  const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] - 1 : code_.size();
  return std::string_view(code_).substr(starts_[i], end - starts_[i]);
}

LineDifference compare_lines(std::string_view before, std::string_view after, std::uint64_t steps) {
  Bounds bounds;
  bounds.max_line_diff_steps = steps;
  std::vector<std::string_view> inserted;
  LineDifference difference =
      LineComparison().compare(before, after, bounds, [&](std::string_view line) { inserted.push_back(line); });
  difference.inserted = std::move(inserted);
  return difference;
}

std::optional<Measurement> measure(ObjectView& objects, const Oid& before, const Oid& after,
                                   const std::vector<std::string>& exclude_files, const Bounds& bounds,
                                   std::stop_token stop) {
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
