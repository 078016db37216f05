#include "analysis/git/history.hpp"

#include <string>
#include <unordered_map>

#include "analysis/git/place_table.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::size_t kMostWaiting = 4'000'000;  // 80 MB of names, and twice as much where each list has but one or two

// One list of parents that still waits for its turn.
struct Waiting {
  std::vector<Oid> parents;
  std::size_t next = 0;
};

base::Result<void> read_commit(ObjectView& objects, const Oid& oid, Memory* memory, Commit& commit) {
  if (memory != nullptr && memory->recall(oid, commit)) return base::ok();
  const auto content = objects.read(oid, ObjectKind::Commit);
  if (!content) return content.error().with_context("Could not read commit " + oid.hex());
  commit = parse_commit(*content);
  if (memory != nullptr) memory->learn(oid, commit);
  return base::ok();
}

// Tells authors apart. A name may be of any length: of a long one its beginning, its length and a hash count.
class Authors {
 public:
  std::uint32_t number_of(const std::string& name) {
    constexpr std::size_t kLongest = 200;
    const auto next = static_cast<std::uint32_t>(numbers_.size());
    if (name.size() <= kLongest) return numbers_.try_emplace(name, next).first->second;
    const std::string short_name = name.substr(0, kLongest) + "\n" + std::to_string(name.size()) + "\n" +
                                   std::to_string(std::hash<std::string>()(name));
    return numbers_.try_emplace(short_name, next).first->second;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

// The commits listed so far, found by their names.
class Listed {
 public:
  explicit Listed(const History& history) : history_(history) {}
  // Takes down that the next one has this name; false when one has it already.
  bool add_next(const Oid& oid) {
    return table_.add(place_hash(oid), static_cast<std::uint32_t>(history_.size()),
                      [&](std::uint32_t place) { return history_[place].oid == oid; });
  }
  [[nodiscard]] std::optional<std::uint32_t> place_of(const Oid& oid) const {
    return table_.find(place_hash(oid), [&](std::uint32_t place) { return history_[place].oid == oid; });
  }

 private:
  const History& history_;
  PlaceTable table_;
};

}  // namespace

base::Result<History> list_history(ObjectView& objects, const Oid& start, std::stop_token stop, Memory* memory) {
  History history;
  Listed listed(history);
  Authors authors;
  std::vector<Waiting> stack{{{start}, 0}};
  std::size_t waiting = 1;  // names in all lists
  Commit commit;
  while (!stack.empty()) {
    if (stop.stop_requested()) return base::Error{base::ErrorKind::Canceled, "Listing the commits was stopped"};
    Waiting& top = stack.back();
    const Oid oid = top.parents[top.next++];
    // A used-up list is dropped at once, so that a straight line of any length needs a stack of one.
    if (top.next == top.parents.size()) {
      waiting -= top.parents.size();
      stack.pop_back();
    }
    if (!listed.add_next(oid)) continue;
    if (auto read = read_commit(objects, oid, memory, commit); !read) return read.error();
    history.push_back({oid, commit.tree, commit.time, authors.number_of(commit.author),
                       static_cast<std::uint32_t>(commit.parents.size()), 0});
    // A first parent that is not listed yet is listed next.
    if (!commit.parents.empty())
      history.back().first_parent =
          listed.place_of(commit.parents.front()).value_or(static_cast<std::uint32_t>(history.size()));
    std::erase_if(commit.parents, [&](const Oid& parent) { return listed.place_of(parent).has_value(); });
    if (commit.parents.empty()) continue;
    waiting += commit.parents.size();
    if (waiting > kMostWaiting) {
      return base::Error{base::ErrorKind::Invalid, "more than " + std::to_string(kMostWaiting) +
                                                       " parents of its merges wait for their turn at once. "
                                                       "Analyse a part of it: name a branch or a commit"};
    }
    stack.push_back({commit.parents, 0});
  }
  return history;
}

std::vector<PairPlan> plan_pairs(const History& history, Profile profile) {
  std::vector<PairPlan> pairs;
  for (std::uint32_t i = 0; i < history.size(); ++i) {
    const HistoryCommit& current = history[i];
    if (current.parent_count > 1) continue;
    std::uint32_t previous = i + 1;
    if (profile == Profile::Corrected) {
      if (current.parent_count == 0) continue;
      previous = current.first_parent;
    } else if (previous == history.size()) {
      continue;
    }
    // Author dates are the writer's claim: their difference may not fit.
    std::int64_t seconds = 0;
    if (__builtin_sub_overflow(current.time, history[previous].time, &seconds) || seconds <= 0) continue;
    pairs.push_back({i, previous, seconds});
  }
  return pairs;
}

}  // namespace cadence::analysis::git
