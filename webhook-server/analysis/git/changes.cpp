#include "analysis/git/changes.hpp"

#include <algorithm>
#include <map>

#include "analysis/git/renames.hpp"

namespace cadence::analysis::git {
namespace {

class Comparison {
 public:
  Comparison(ObjectView& objects, const Bounds& bounds, std::stop_token stop) : objects_(objects), bounds_(bounds), stop_(std::move(stop)) {}

  base::Result<void> compare(const Oid& before, const Oid& after, const std::string& folder, std::size_t depth) {
    if (before == after) return base::ok();
    auto old_entries = entries_of(before, depth);
    if (!old_entries) return old_entries.error();
    auto new_entries = entries_of(after, depth);
    if (!new_entries) return new_entries.error();
    // By name, not in git's order, in which a folder sorts as if its name ended in a slash.
    std::map<std::string_view, std::pair<const TreeEntry*, const TreeEntry*>> by_name;
    for (const TreeEntry& entry : *old_entries) by_name[entry.name].first = &entry;
    for (const TreeEntry& entry : *new_entries) by_name[entry.name].second = &entry;
    for (const auto& [name, sides] : by_name) {
      if (auto done = compare_entries(sides.first, sides.second, folder + std::string(name), depth); !done) return done;
    }
    return base::ok();
  }

  std::vector<FileSide> adds;
  std::vector<FileSide> deletes;
  std::vector<Change> changes;

 private:
  base::Result<std::vector<TreeEntry>> entries_of(const Oid& tree, std::size_t depth) {
    if (stop_.stop_requested()) return base::Error{base::ErrorKind::Canceled, "Comparing trees was stopped"};
    if (depth > bounds_.max_tree_depth) return std::vector<TreeEntry>{};
    auto content = objects_.read(tree, ObjectKind::Tree);
    if (!content) return content.error().with_context("Could not read tree " + tree.hex());
    return parse_tree(*content);
  }

  base::Result<void> compare_entries(const TreeEntry* before, const TreeEntry* after, const std::string& path, std::size_t depth) {
    const bool was_folder = before != nullptr && before->mode == EntryMode::Directory;
    const bool is_folder = after != nullptr && after->mode == EntryMode::Directory;
    if (was_folder && is_folder) return compare(before->oid, after->oid, path + "/", depth + 1);
    if (before != nullptr && after != nullptr && !was_folder && !is_folder) {
      if (before->oid != after->oid || before->mode != after->mode) {
        changes.push_back({FileSide{path, before->mode, before->oid}, FileSide{path, after->mode, after->oid}});
      }
      return base::ok();
    }
    if (before != nullptr) {
      if (auto done = expand(*before, path, deletes, depth); !done) return done;
    }
    return after != nullptr ? expand(*after, path, adds, depth) : base::ok();
  }

  // An entry without partner: itself, or all files below it.
  base::Result<void> expand(const TreeEntry& entry, const std::string& path, std::vector<FileSide>& into, std::size_t depth) {
    if (entry.mode != EntryMode::Directory) {
      into.push_back({path, entry.mode, entry.oid});
      return base::ok();
    }
    auto entries = entries_of(entry.oid, depth + 1);
    if (!entries) return entries.error();
    for (const TreeEntry& child : *entries) {
      if (auto done = expand(child, path + "/" + child.name, into, depth + 1); !done) return done;
    }
    return base::ok();
  }

  ObjectView& objects_;
  const Bounds& bounds_;
  std::stop_token stop_;
};

const std::string& sorting_path(const Change& change) { return change.before ? change.before->path : change.after->path; }

}  // namespace

base::Result<std::vector<Change>> compare_trees(ObjectView& objects, const Oid& before, const Oid& after, const Bounds& bounds,
                                                std::stop_token stop) {
  Comparison comparison(objects, bounds, stop);
  if (auto done = comparison.compare(before, after, "", 0); !done) return done.error();
  const auto by_path = [](const FileSide& a, const FileSide& b) { return a.path < b.path; };
  std::stable_sort(comparison.adds.begin(), comparison.adds.end(), by_path);
  std::stable_sort(comparison.deletes.begin(), comparison.deletes.end(), by_path);
  std::vector<Change> changes = std::move(comparison.changes);
  for (Change& change : match_renames(objects, std::move(comparison.adds), std::move(comparison.deletes), bounds, stop)) {
    changes.push_back(std::move(change));
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return sorting_path(a) < sorting_path(b); });
  return changes;
}

}  // namespace cadence::analysis::git
