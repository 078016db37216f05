#include <algorithm>

#include "opinion/ask.hpp"

namespace cadence::opinion {
namespace {

constexpr std::size_t kMostSummary = 4000;  // bytes of 1000 characters
constexpr std::size_t kMostReason = 1200;

base::Error unusable(const std::string& why) { return {base::ErrorKind::Invalid, "the answer cannot be used: " + why}; }

std::optional<View> view_at(const json::Value& object) {
  const auto word = json::string_at(object, {"view"});
  for (const View view : {View::LikelyGenerated, View::Unclear, View::LikelyHuman}) {
    if (word == to_string(view)) return view;
  }
  return std::nullopt;
}

base::Result<CommitView> read_commit(const json::Value& entry, const Question& question) {
  const auto id = json::string_at(entry, {"id"});
  const bool is_known =
      std::any_of(question.findings.begin(), question.findings.end(), [&](const Finding& one) { return one.id == id; });
  if (!is_known) return unusable("it speaks of a commit that it was not shown");
  const auto view = view_at(entry);
  if (!view) return unusable("commits[].view must be likely_generated, unclear or likely_human");
  auto reason = json::string_at(entry, {"reason"});
  if (reason.size() > kMostReason) return unusable("commits[].reason is longer than was asked for");
  return CommitView{id, *view, std::move(reason)};
}

}  // namespace

base::Result<Opinion> read_answer(const std::string& body, const Question& question, const Options& options) {
  const auto envelope = json::parse(body);
  if (!envelope) return unusable("it is not JSON");
  const auto& choices = json::at_path(*envelope, {"choices"});
  if (!choices.is_array() || choices.empty()) return unusable("it has no choices");
  const auto content = json::parse(json::string_at(choices[0], {"message", "content"}));
  if (!content || !content->is_object()) return unusable("its content is not the JSON object that was asked for");
  const auto view = view_at(*content);
  if (!view) return unusable("view must be likely_generated, unclear or likely_human");
  const auto& confidence = json::at_path(*content, {"confidence"});
  if (!confidence.is_number() || !(confidence.get<double>() >= 0 && confidence.get<double>() <= 1))
    return unusable("confidence must be a number from 0 to 1");
  Opinion opinion{options.model, {}, *view, confidence.get<double>(), json::string_at(*content, {"summary"}), {}, 0};
  if (opinion.summary.size() > kMostSummary) return unusable("summary is longer than was asked for");
  const auto& commits = json::at_path(*content, {"commits"});
  if (!commits.is_null() && !commits.is_array()) return unusable("commits must be a list");
  if (commits.size() > question.findings.size()) return unusable("it speaks of more commits than it was shown");
  for (const auto& entry : commits) {
    auto commit = read_commit(entry, question);
    if (!commit) return commit.error();
    opinion.commits.push_back(std::move(*commit));
  }
  return opinion;
}

}  // namespace cadence::opinion
