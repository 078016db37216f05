#include "analysis/git/measure.hpp"

#include <set>
#include <unordered_map>

#include "analysis/git/glob.hpp"
#include "analysis/git/token_diff.hpp"

namespace cadence::analysis::git {
namespace {

// Splits after each LF; the last line may lack it.
template <class Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::size_t length = end == std::string_view::npos ? text.size() : end + 1;
    visit(text.substr(0, length));
    text.remove_prefix(length);
  }
}

std::string_view without_lf(std::string_view line) { return line.ends_with('\n') ? line.substr(0, line.size() - 1) : line; }

// Equal lines of both texts get equal numbers.
class LineNumbers {
 public:
  Tokens number(std::string_view text) {
    Tokens tokens;
    each_line(text, [&](std::string_view line) {
      const auto [place, is_new] = numbers_.try_emplace(line, static_cast<Token>(lines_.size()));
      if (is_new) lines_.push_back(line);
      tokens.push_back(place->second);
    });
    return tokens;
  }
  [[nodiscard]] std::string_view line(Token token) const { return without_lf(lines_[token]); }

 private:
  std::unordered_map<std::string_view, Token> numbers_;
  std::vector<std::string_view> lines_;
};

void insert_line(LineDifference& difference, std::string_view line) {
  difference.inserted.push_back(line);
  if (!line.empty()) ++difference.additions;
}

std::int64_t count_non_empty(std::string_view text) {
  std::int64_t count = 0;
  each_line(text, [&](std::string_view line) { count += line != "\n" ? 1 : 0; });
  return count;
}

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
    result_.counts.files = static_cast<std::int64_t>(paths_.size());
    result_.total.files = static_cast<std::int64_t>(total_paths_.size());
    return std::move(result_);
  }

 private:
  static bool is_file(const std::optional<FileSide>& side) { return side && side->is_file(); }

  static void count(const LineDifference& difference, const Change& change, LineCounts& counts, std::set<std::string>& paths) {
    counts.additions += difference.additions;
    counts.deletions += difference.deletions;
    if (is_file(change.before)) paths.insert(change.before->path);
    if (is_file(change.after)) paths.insert(change.after->path);
  }

  // False when a side cannot be read. The texts stay in before_ and after_, for the difference refers to them.
  bool compare(const Change& change, LineDifference& difference) {
    if (change.before && change.after && change.before->oid == change.after->oid) return true;  // renamed, or another mode
    bool is_too_large = false;
    if (!read(change.before, before_, is_too_large) || !read(change.after, after_, is_too_large)) return false;
    if (!is_too_large) difference = compare_lines(before_, after_, bounds_.max_line_diff_steps);
    return true;
  }

  bool read(const std::optional<FileSide>& side, std::string& text, bool& is_too_large) {
    text.clear();
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
  std::string before_;
  std::string after_;
  std::set<std::string> paths_;
  std::set<std::string> total_paths_;
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
  LineDifference difference;
  if (before == after || is_binary(before) || is_binary(after)) return difference;
  if (before.empty() || after.empty()) {
    each_line(after, [&](std::string_view line) { insert_line(difference, without_lf(line)); });
    difference.deletions = count_non_empty(before);
    return difference;
  }
  LineNumbers lines;
  const Tokens old_tokens = lines.number(before);
  const Tokens new_tokens = lines.number(after);
  for (const Chunk& chunk : diff_tokens(old_tokens, new_tokens, steps)) {
    if (chunk.edit == Edit::Equal) continue;
    for (const Token token : chunk.tokens) {
      const std::string_view line = lines.line(token);
      if (chunk.edit == Edit::Insert) {
        insert_line(difference, line);
      } else if (!line.empty()) {
        ++difference.deletions;
      }
    }
  }
  return difference;
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
