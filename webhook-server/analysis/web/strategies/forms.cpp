// 18: inputs that say neither what they are for nor what they take.
#include "analysis/text/text.hpp"
#include "analysis/web/strategies.hpp"
#include "analysis/web/tags.hpp"

namespace cadence::analysis::web {

Judgement judge_form_issues(const PageFacts& page) {
  std::size_t inputs = 0;
  std::size_t unlabelled = 0;
  std::size_t untyped = 0;
  std::size_t unnamed = 0;
  each_tag(page.in_markup.text(), "<input", [&](std::string_view tag) {
    ++inputs;
    unlabelled += !contains(tag, "label") && !contains(tag, "placeholder") ? 1 : 0;
    untyped += !contains(tag, "type=\"") ? 1 : 0;
    unnamed += !contains(tag, "name=\"") ? 1 : 0;
  });
  std::vector<std::string> issues;
  if (unlabelled > inputs / 2) issues.push_back(std::to_string(unlabelled) + " inputs without a label");
  if (untyped > 0) issues.push_back(std::to_string(untyped) + " inputs without a type");
  if (unnamed > 0) issues.push_back(std::to_string(unnamed) + " inputs without a name");
  if (issues.empty()) return std::nullopt;
  return Finding{0.7, std::to_string(issues.size()) + " kinds of problems with the inputs of forms", std::move(issues)};
}

}  // namespace cadence::analysis::web
