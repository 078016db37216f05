#include "analysis/git/changes.hpp"

#include <algorithm>
#include <cstring>
#include <map>

#include "analysis/git/renames.hpp"

namespace cadence::analysis::git {
namespace {

// What two folders hold under one name, where it differs.
struct Difference {
  std::optional<TreeEntry> before;
  std::optional<TreeEntry> after;
};

// Git's order: a folder sorts as if its name ended in a slash.
int compare_places(const TreeWalk& a, const TreeWalk& b) {
  const std::size_t common = std::min(a.name().size(), b.name().size());
  if (const int order = std::memcmp(a.name().data(), b.name().data(), common); order != 0) return order;
  const auto next = [common](const TreeWalk& walk) {
    return walk.name().size() > common ? static_cast<unsigned char>(walk.name()[common])
           : walk.is_folder()          ? static_cast<unsigned char>('/')
                                       : 0U;
  };
  return static_cast<int>(next(a)) - static_cast<int>(next(b));
}

// One folder's entries from one tree, walked in git's order.
class OrderedWalk {
 public:
  explicit OrderedWalk(std::string_view content) : walk_(content) {}
  [[nodiscard]] bool is_over() const { return walk_.is_over(); }
  [[nodiscard]] const TreeWalk& entry() const { return walk_; }

  // False when what follows is out of order.
  bool advance() {
    const TreeWalk previous = walk_;
    walk_.advance();
    return walk_.is_over() || compare_places(previous, walk_) < 0;
  }

  // An entry that git would not write: it hides another one of its name, or reaches out of its folder.
  [[nodiscard]] bool is_odd() const {
    if (walk_.name().empty() || walk_.name().find('/') != std::string_view::npos) return true;
    if (walk_.is_folder()) return false;
    TreeWalk ahead = walk_;  // a folder of the same name can only follow names that begin with it
    for (ahead.advance(); !ahead.is_over() && ahead.name().starts_with(walk_.name()); ahead.advance()) {
      if (ahead.name() == walk_.name()) return true;
    }
    return false;
  }

 private:
  TreeWalk walk_;
};

// The differences of two trees as git writes them, in one pass over both; nothing when one is not written so.
std::optional<std::vector<Difference>> merge(std::string_view before, std::string_view after) {
  std::vector<Difference> found;
  OrderedWalk a(before);
  OrderedWalk b(after);
  while (!a.is_over() || !b.is_over()) {
    const bool are_equal = !a.is_over() && !b.is_over() && a.entry().bytes() == b.entry().bytes();
    const int order = are_equal ? 0 : a.is_over() ? 1 : b.is_over() ? -1 : compare_places(a.entry(), b.entry());
    const bool takes_a = order <= 0;
    const bool takes_b = order >= 0;
    if (!are_equal) {
      if ((takes_a && a.is_odd()) || (takes_b && b.is_odd())) return std::nullopt;
      found.push_back({takes_a ? std::optional(a.entry().entry()) : std::nullopt,
                       takes_b ? std::optional(b.entry().entry()) : std::nullopt});
    }
    if ((takes_a && !a.advance()) || (takes_b && !b.advance())) return std::nullopt;
  }
  return found;
}

// The same for trees in any order, in which the last entry of a name counts.
std::vector<Difference> collate(std::string_view before, std::string_view after) {
  std::map<std::string, Difference> by_name;
  for (TreeEntry& entry : parse_tree(before)) by_name[entry.name].before = std::move(entry);
  for (TreeEntry& entry : parse_tree(after)) by_name[entry.name].after = std::move(entry);
  std::vector<Difference> found;
  for (auto& [name, difference] : by_name) found.push_back(std::move(difference));
  return found;
}

// What the list of changes may still take. A few trees that name each other stand for more paths than any memory holds;
// once there is no room for something, there is none for anything, so that what is listed depends on the order of the
// paths only.
class Room {
 public:
  explicit Room(std::uint64_t bytes) : left_(bytes) {}
  bool take(std::uint64_t bytes) {
    is_over_ = is_over_ || bytes > left_;
    if (!is_over_) left_ -= bytes;
    return !is_over_;
  }
  void give_back(std::uint64_t bytes) { left_ += bytes; }
  [[nodiscard]] bool is_over() const { return is_over_; }

 private:
  std::uint64_t left_;
  bool is_over_ = false;
};

// Room for what is in memory only while a folder is looked through.
class Held {
 public:
  Held(Room& room, std::uint64_t bytes) : room_(room), bytes_(room.take(bytes) ? bytes : 0) {}
  ~Held() { room_.give_back(bytes_); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  Room& room_;
  std::uint64_t bytes_;
};

class Comparison {
 public:
  Comparison(ObjectView& objects, const Bounds& bounds, std::stop_token stop)
      : objects_(objects), bounds_(bounds), stop_(std::move(stop)), room_(bounds.max_listed_bytes) {}

  base::Result<void> compare(const Oid& before, const Oid& after, const std::string& folder, std::size_t depth) {
    if (before == after || !room_.take(kFolderBytes + folder.size())) return base::ok();
    const auto old_content = content_of(before, depth);
    if (!old_content) return old_content.error();
    const auto new_content = content_of(after, depth);
    if (!new_content) return new_content.error();
    auto differences = merge(*old_content, *new_content);
    if (!differences) differences = collate(*old_content, *new_content);
    const Held held(room_, size_of(*old_content) + size_of(*new_content) + differences->size() * sizeof(Difference));
    for (const Difference& difference : *differences) {
      if (auto state = check(); !state || room_.is_over()) return state;
      if (auto done = compare_entries(difference, folder, depth); !done) return done;
    }
    return base::ok();
  }

  std::vector<FileSide> adds;
  std::vector<FileSide> deletes;
  std::vector<Change> changes;

 private:
  // each one entered, so that those without files come to an end, too
  static constexpr std::uint64_t kFolderBytes = 64;

  static std::uint64_t size_of(std::string_view content) { return content.size(); }

  base::Result<Content> content_of(const Oid& tree, std::size_t depth) {
    if (auto state = check(); !state) return state.error();
    if (depth > bounds_.max_tree_depth) return Content(std::string());
    auto content = objects_.read(tree, ObjectKind::Tree);
    if (!content) return content.error().with_context("Could not read tree " + tree.hex());
    return content;
  }

  [[nodiscard]] base::Result<void> check() const {
    return stop_.stop_requested() ? base::Error{base::ErrorKind::Canceled, "Comparing trees was stopped"} : base::ok();
  }

  base::Result<void> compare_entries(const Difference& difference, const std::string& folder, std::size_t depth) {
    const auto& [before, after] = difference;
    const bool was_folder = before && before->mode == EntryMode::Directory;
    const bool is_folder = after && after->mode == EntryMode::Directory;
    if (before && after && before->oid == after->oid && before->mode == after->mode) return base::ok();
    const std::string path = folder + (before ? before->name : after->name);
    if (was_folder && is_folder) return compare(before->oid, after->oid, path + "/", depth + 1);
    if (before && after && !was_folder && !is_folder) {
      if (room_.take(sizeof(Change) + 2 * path.size()))
        changes.push_back({FileSide{path, before->mode, before->oid}, FileSide{path, after->mode, after->oid}});
      return base::ok();
    }
    if (before) {
      if (auto done = expand(*before, path, deletes, depth); !done) return done;
    }
    return after ? expand(*after, path, adds, depth) : base::ok();
  }

  // An entry without partner: itself, or all files below it.
  base::Result<void> expand(const TreeEntry& entry, const std::string& path, std::vector<FileSide>& into,
                            std::size_t depth) {
    if (entry.mode != EntryMode::Directory) {
      if (room_.take(sizeof(Change) + path.size())) into.push_back({path, entry.mode, entry.oid});
      return base::ok();
    }
    if (!room_.take(kFolderBytes + path.size())) return base::ok();
    const auto content = content_of(entry.oid, depth + 1);
    if (!content) return content.error();
    const Held held(room_, size_of(*content));
    for (TreeWalk walk(*content); !walk.is_over(); walk.advance()) {
      if (auto state = check(); !state || room_.is_over()) return state;
      if (auto done = expand(walk.entry(), path + "/" + std::string(walk.name()), into, depth + 1); !done) return done;
    }
    return base::ok();
  }

  ObjectView& objects_;
  const Bounds& bounds_;
  std::stop_token stop_;
  Room room_;
};

const std::string& sorting_path(const Change& change) {
  return change.before ? change.before->path : change.after->path;
}

}  // namespace

base::Result<std::vector<Change>> compare_trees(ObjectView& objects, const Oid& before, const Oid& after,
                                                const Bounds& bounds, std::stop_token stop) {
  Comparison comparison(objects, bounds, stop);
  if (auto done = comparison.compare(before, after, "", 0); !done) return done.error();
  const auto by_path = [](const FileSide& a, const FileSide& b) { return a.path < b.path; };
  std::stable_sort(comparison.adds.begin(), comparison.adds.end(), by_path);
  std::stable_sort(comparison.deletes.begin(), comparison.deletes.end(), by_path);
  std::vector<Change> changes = std::move(comparison.changes);
  for (Change& change :
       match_renames(objects, std::move(comparison.adds), std::move(comparison.deletes), bounds, stop)) {
    changes.push_back(std::move(change));
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return sorting_path(a) < sorting_path(b); });
  return changes;
}

}  // namespace cadence::analysis::git
