// What one pair of commits changed: line counts and the text that was added. Pure apart from the ObjectView it reads
// through. Promises: the same numbers for the same objects; memory is bounded by one pair's files. Nothing outlives the
// call but the answer.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/git/changes.hpp"

namespace cadence::analysis::git {

// Lines whose text is not empty; files by distinct path, a rename counts two.
struct LineCounts {
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
  std::int64_t files = 0;
  [[nodiscard]] std::int64_t size() const { return additions + deletions; }
  bool operator==(const LineCounts&) const = default;
};

// The added lines, empty ones included, without their LF; lines that begin with ++ are left out.
class AddedText {
 public:
  void add(std::string_view line);
  // From here on, lines for which there is no room are left out.
  void limit(std::uint64_t bytes) { room_ = bytes; }
  [[nodiscard]] std::size_t line_count() const { return starts_.size(); }
  [[nodiscard]] std::string_view line(std::size_t i) const;
  [[nodiscard]] std::string_view code() const { return code_; }  // all lines, joined with LF

 private:
  std::string code_;
  std::vector<std::size_t> starts_;
  std::uint64_t room_ = UINT64_MAX;
};

struct Measurement {
  LineCounts counts;
  bool has_diff = false;
  AddedText added;
};

// Nothing when a tree cannot be read, or when a stop was asked for. Files that cannot be read count for nothing, those
// excluded are not even read.
std::optional<Measurement> measure(ObjectView& objects, const Oid& before, const Oid& after,
                                   const std::vector<std::string>& exclude_files, const Bounds& bounds,
                                   std::stop_token stop);

// The line difference of two texts; inserted lines without their LF, in order. Binary texts have none.
struct LineDifference {
  std::vector<std::string_view> inserted;
  std::int64_t additions = 0;
  std::int64_t deletions = 0;
};
LineDifference compare_lines(std::string_view before, std::string_view after, std::uint64_t steps);

}  // namespace cadence::analysis::git
