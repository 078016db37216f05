// What a language model said of an analysis, as plain values: a second opinion beside the result, never a part of it.
// Every text in here is a stranger's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cadence::opinion {

enum class View { LikelyGenerated, Unclear, LikelyHuman };
std::string_view to_string(View view);  // "likely_generated", "unclear", "likely_human"

struct CommitView {
  std::string commit_hash;  // one of those asked about
  View view = View::Unclear;
  std::string reason;
  bool operator==(const CommitView&) const = default;
};

struct Opinion {
  std::string model;    // as configured
  std::string problem;  // why there is no opinion; then the rest is empty
  View view = View::Unclear;
  double confidence = 0;  // 0-1
  std::string summary;
  std::vector<CommitView> commits;
  int asked_about = 0;  // commits or findings that the model was shown
  bool operator==(const Opinion&) const = default;
};

}  // namespace cadence::opinion
