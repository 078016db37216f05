#include "analysis/source/git/excerpt.hpp"

#include "analysis/git/measure.hpp"
#include "analysis/source/git/libgit2.hpp"

namespace cadence::analysis::source {
namespace {

std::optional<git::Commit> commit_of(StoredObjects& objects, const git::Oid& oid) {
  const auto content = objects.read(oid, git::ObjectKind::Commit);
  return content ? std::optional(git::parse_commit(*content)) : std::nullopt;
}

std::string lines_of(StoredObjects& objects, const std::string& hash, std::size_t most_bytes,
                     const git::AnalysisOptions& rules, const std::stop_token& stop) {
  const auto oid = git::Oid::from_hex(hash);
  const auto commit = oid ? commit_of(objects, *oid) : std::nullopt;
  const auto parent = commit && !commit->parents.empty() ? commit_of(objects, commit->parents.front()) : std::nullopt;
  if (!parent) return {};
  const auto measured = git::measure(objects, parent->tree, commit->tree, rules.exclude_files, rules.bounds, stop);
  std::string text;
  for (std::size_t i = 0; measured && i < measured->added.line_count(); ++i) {
    const std::string_view line = measured->added.line(i);
    if (line.size() >= most_bytes - text.size()) break;
    text.append(line) += '\n';
  }
  return text;
}

}  // namespace

std::vector<std::string> added_lines(const std::filesystem::path& repository, const std::vector<std::string>& commits,
                                     std::size_t most_bytes, const git::AnalysisOptions& rules, std::stop_token stop) {
  std::vector<std::string> texts(commits.size());
  auto objects = StoredObjects::open(repository.string());
  if (!objects) return texts;
  for (std::size_t i = 0; i < commits.size() && !stop.stop_requested(); ++i)
    texts[i] = lines_of(**objects, commits[i], most_bytes, rules, stop);
  return texts;
}

}  // namespace cadence::analysis::source
