#include "analysis/source/git/repository.hpp"

#include <thread>

#include "analysis/git/judge.hpp"
#include "analysis/source/git/first_pass.hpp"
#include "analysis/source/git/libgit2.hpp"
#include "analysis/source/git/pair_memory.hpp"
#include "base/text.hpp"

namespace cadence::analysis::source {
namespace {

// The commit that an object's name leads to, through tags. libgit2 would read the commit to answer, and refuse one
// whose date it cannot.
std::optional<git::Oid> commit_at(git_repository* repository, const git_oid& name) {
  constexpr int kMostTags = 16;
  git_odb* odb = nullptr;
  if (git_repository_odb(&odb, repository) != 0) return std::nullopt;
  const OdbHandle owner(odb);
  git_oid id = name;
  for (int tags = 0; tags < kMostTags; ++tags) {
    std::size_t bytes = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (git_odb_read_header(&bytes, &type, odb, &id) != 0) return std::nullopt;
    if (type == GIT_OBJECT_COMMIT) return git::Oid::from_bytes(id.id);
    git_tag* tag = nullptr;
    if (type != GIT_OBJECT_TAG || git_tag_lookup(&tag, repository, &id) != 0) return std::nullopt;
    git_oid_cpy(&id, git_tag_target_id(tag));
    git_tag_free(tag);
  }
  return std::nullopt;
}

std::optional<git::Oid> find_commit(git_repository* repository, const std::string& hash) {
  git_oid id;
  if (hash.size() != GIT_OID_HEXSZ || git_oid_fromstr(&id, hash.c_str()) != 0) return std::nullopt;
  return commit_at(repository, id);
}

std::optional<git::Oid> find_reference(git_repository* repository, const std::string& name) {
  git_oid id;
  if (git_reference_name_to_id(&id, repository, name.c_str()) != 0) return std::nullopt;
  return commit_at(repository, id);
}

std::optional<git::Oid> find_branch(git_repository* repository, const std::string& branch) {
  for (const char* folder_of_branches : {"refs/heads/", "refs/remotes/origin/"}) {
    if (const auto commit = find_reference(repository, folder_of_branches + branch)) return commit;
  }
  return std::nullopt;
}

// The commit whose hash is or begins with these digits.
base::Result<git::Oid> find_named_commit(git_repository* repository, const std::string& digits) {
  const bool is_hash = digits.size() >= GIT_OID_MINPREFIXLEN && digits.size() <= GIT_OID_HEXSZ &&
                       digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!is_hash)
    return base::Error{base::ErrorKind::Invalid,
                       digits + " is not the hash of a commit. Give 4 to 40 of its hexadecimal digits"};
  git_oid begin;
  git_oid id;
  git_odb* odb = nullptr;
  if (git_oid_fromstrn(&begin, digits.c_str(), digits.size()) == 0 && git_repository_odb(&odb, repository) == 0) {
    const OdbHandle owner(odb);
    const int code = git_odb_exists_prefix(&id, odb, &begin, digits.size());
    if (code == GIT_EAMBIGUOUS)
      return base::Error{base::ErrorKind::Invalid,
                         "More than one object's hash begins with " + digits + ". Give more of its digits"};
    const auto commit = code == 0 ? commit_at(repository, id) : std::nullopt;
    if (commit) return *commit;
  }
  return base::Error{base::ErrorKind::NotFound,
                     "The repository has no commit " + digits +
                         ". Check the hash; a shallow clone lacks old commits (git fetch --unshallow)"};
}

// What was named, or why not. `start` names something.
base::Result<git::Oid> find_named(git_repository* repository, const StartPoint& start) {
  std::optional<git::Oid> tip;
  if (!start.branch.empty()) {
    tip = find_branch(repository, start.branch);
    if (!tip) {
      return base::Error{
          base::ErrorKind::NotFound,
          "The repository has no branch " + start.branch +
              ". Check its name: git branch --all lists those of a folder, git ls-remote those of a URL"};
    }
  }
  return start.after.empty() ? base::Result<git::Oid>(*tip) : find_named_commit(repository, start.after);
}

// HEAD leads to no commit: what else there is to start from.
base::Error no_default(git_repository* repository, const std::string& folder) {
  constexpr std::size_t kMostNames = 5;
  git_branch_iterator* branches = nullptr;
  std::string names;
  std::size_t count = 0;
  if (git_branch_iterator_new(&branches, repository, GIT_BRANCH_LOCAL) == 0) {
    git_reference* branch = nullptr;
    for (git_branch_t kind{}; git_branch_next(&branch, &kind, branches) == 0; git_reference_free(branch)) {
      if (++count <= kMostNames) names += (names.empty() ? "" : ", ") + std::string(git_reference_shorthand(branch));
    }
    git_branch_iterator_free(branches);
  }
  const std::string attempt = "Could not analyse " + folder + ": ";
  if (count == 0)
    return {base::ErrorKind::Invalid,
            attempt + "it has no commit to start from. Push a commit, or name a branch that exists"};
  if (count > kMostNames) names += " and " + std::to_string(count - kMostNames) + " more";
  return {base::ErrorKind::Invalid, attempt + "its HEAD names no branch that exists. Name one that does: " + names};
}

base::Error gone(const std::string& what, const StartPoint& start) {
  const bool is_commit = !start.after.empty();
  return {
      base::ErrorKind::NotFound,
      "The repository has no " + what + ": " +
          (is_commit
               ? "it was overwritten or deleted since it was pushed. What stands there now is judged with its own push"
               : "it was renamed or deleted, or never pushed. Check its name with git ls-remote")};
}

base::Result<git::Oid> find_start(git_repository* repository, const StartPoint& start, git::Profile profile,
                                  const std::string& folder) {
  if (start.is_strict && !(start.branch.empty() && start.after.empty())) return find_named(repository, start);
  if (!start.after.empty()) {
    const auto commit = find_commit(repository, start.after);
    return commit ? base::Result<git::Oid>(*commit) : gone("commit " + start.after + " any more", start);
  }
  // Upstream knows only the default branch of a fresh clone.
  if (!start.branch.empty() && profile == git::Profile::Corrected) {
    const auto commit = find_branch(repository, start.branch);
    return commit ? base::Result<git::Oid>(*commit) : gone("branch " + start.branch, start);
  }
  if (const auto commit = find_reference(repository, "HEAD")) return *commit;
  return no_default(repository, folder);
}

// Whether a name that is there leads to an object that is not: damage, and no name that is gone.
bool has_broken_name(git_repository* repository, const StartPoint& start) {
  const auto is_broken = [&](const std::string& name) {
    git_oid id;
    return git_reference_name_to_id(&id, repository, name.c_str()) == 0 && !commit_at(repository, id);
  };
  return is_broken("HEAD") || (!start.branch.empty() && is_broken("refs/heads/" + start.branch));
}

// Ends the work when the caller's stop comes or the time is over, and tells which it was.
class Limit {
 public:
  Limit(std::chrono::seconds time, std::stop_token outer)
      : relay_(std::move(outer), [this] { halt_.request_stop(); }), timer_([this, time](const std::stop_token& end) {
          if (base::wait_for(end, time)) {
            has_expired_ = true;
            halt_.request_stop();
          }
        }) {}
  [[nodiscard]] std::stop_token token() const { return halt_.get_token(); }
  [[nodiscard]] bool has_expired() const { return has_expired_; }

 private:
  std::stop_source halt_;
  std::stop_callback<std::function<void()>> relay_;
  std::atomic<bool> has_expired_{false};
  std::jthread timer_;
};

base::Error cut_short(const Limit& limit, const AnalyseOptions& options) {
  if (!limit.has_expired()) return {base::ErrorKind::Canceled, "The analysis was stopped. It can be started again"};
  return {base::ErrorKind::Invalid, "Could not finish the analysis: timeout: it took longer than " +
                                        std::to_string(options.time_limit.count()) +
                                        " s. Raise the time limit or analyse a smaller repository"};
}

base::Error incomplete(git_repository* repository, const base::Error& error) {
  if (error.kind == base::ErrorKind::Invalid) return {error.kind, "Could not analyse the history: " + error.message};
  const bool is_shallow = git_repository_is_shallow(repository) == 1;
  return {error.kind,
          "Could not analyse the history: " + error.message +
              (is_shallow ? ". The repository is shallow: fetch its whole history (git fetch --unshallow)"
                          : ". The repository is damaged or incomplete: check it with git fsck, or clone it again")};
}

void report_unreadable(std::uint64_t objects, const AnalyseOptions& options) {
  if (objects > 0 && options.on_unreadable) options.on_unreadable(objects);
}

base::Result<git::AnalysisResult> analyse_history(StoredObjects& objects, const git::Oid& start,
                                                  const AnalyseOptions& options, const Limit& limit) {
  std::optional<PairMemory> memory;
  if (!options.memory.empty()) memory.emplace(options.memory, options.rules, options.threads);
  std::optional<SharedVerdicts> shared;
  git::Memory* const known = memory ? &*memory : nullptr;
  const auto history = git::list_history(objects, start, limit.token(), known);
  if (limit.token().stop_requested()) return cut_short(limit, options);
  if (!history) {
    report_unreadable(objects.unreadable(), options);
    return incomplete(objects.repository(), history.error());
  }
  const auto pairs = git::plan_pairs(*history, options.rules.profile);
  if (options.shared.blocks != nullptr) shared.emplace(options.shared, options.rules, *history, pairs);
  FirstPass pass(*history, pairs, options, limit.token());
  auto verdicts = pass.run(objects, known, shared ? &*shared : nullptr);
  if (limit.token().stop_requested()) return cut_short(limit, options);
  if (!verdicts) return verdicts.error();
  const std::uint64_t unreadable = pass.unreadable() + objects.unreadable();
  report_unreadable(unreadable, options);
  if (memory && unreadable == 0) memory->save();
  if (shared && unreadable == 0) shared->offer(*verdicts);
  auto result = git::conclude(objects, *history, pairs, std::move(*verdicts), options.rules, known);
  if (!result) return incomplete(objects.repository(), result.error());
  return result;
}

}  // namespace

base::Result<git::AnalysisResult> analyse(const std::filesystem::path& repository, const StartPoint& start,
                                          const AnalyseOptions& options, std::stop_token stop) {
  const base::Wall started = base::system_clock().wall();
  if (const auto valid = git::validate(options.rules.thresholds); !valid) return valid.error();
  const std::string folder = repository.string();
  const auto objects = StoredObjects::open(folder);
  const std::string name = options.name.empty() ? folder : options.name;
  const auto named = [&](const base::Error& error) {
    return base::Error{error.kind, base::replace_all(error.message, folder, name)};
  };
  const auto commit =
      objects ? find_start((*objects)->repository(), start, options.rules.profile, name) : objects.error();
  if (!commit) {
    if (!objects || has_broken_name((*objects)->repository(), start)) report_unreadable(1, options);
    return named(commit.error());
  }
  const Limit limit(options.time_limit, std::move(stop));
  auto result = analyse_history(**objects, *commit, options, limit);
  if (!result) return named(result.error());
  result->started_at = started;
  result->completed_at = base::system_clock().wall();
  return result;
}

}  // namespace cadence::analysis::source
