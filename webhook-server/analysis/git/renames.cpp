#include "analysis/git/renames.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "analysis/git/similarity.hpp"

namespace cadence::analysis::git {
namespace {

using Places = std::vector<std::size_t>;

// The lists, and which of their files have found their change already.
struct Candidates {
  std::vector<FileSide> adds;
  std::vector<FileSide> deletes;
  std::vector<bool> add_is_done;
  std::vector<bool> delete_is_done;
  std::vector<Change> renames;

  void rename(std::size_t from, std::size_t to) {
    add_is_done[to] = true;
    delete_is_done[from] = true;
    renames.push_back({deletes[from], adds[to]});
  }
};

// The first of the best namesakes; none when no score is positive.
std::optional<std::size_t> best_namesake(const std::string& path, const std::vector<FileSide>& files,
                                         const Places& among) {
  std::optional<std::size_t> best;
  std::uint64_t best_score = 0;
  for (const std::size_t place : among) {
    const std::uint64_t score = name_score(path, files[place].path);
    if (score <= best_score) continue;
    best_score = score;
    best = place;
  }
  return best;
}

void match_one_add(Candidates& files, std::size_t add, const Places& deletes) {
  if (deletes.size() == 1) {
    if (files.adds[add].mode == files.deletes[deletes.front()].mode) files.rename(deletes.front(), add);
    return;
  }
  const auto best = best_namesake(files.adds[add].path, files.deletes, deletes);
  if (best && files.deletes[*best].mode == files.adds[add].mode) {
    files.rename(*best, add);
  } else {
    files.add_is_done[add] = true;  // lost: Q-07
  }
}

void match_one_delete(Candidates& files, const Places& adds, std::size_t from) {
  const auto best = best_namesake(files.deletes[from].path, files.adds, adds);
  if (best && files.adds[*best].mode == files.deletes[from].mode) files.rename(from, *best);
}

struct ScoredPair {
  std::uint64_t score = 0;
  std::size_t from = 0;
  std::size_t to = 0;
};

void match_many(Candidates& files, const Places& adds, const Places& deletes, const Bounds& bounds) {
  std::vector<ScoredPair> pairs;
  if (adds.size() * deletes.size() > bounds.max_rename_comparisons) {
    // Thousands of equal files on both sides: in path order, which any scoring would favour.
    for (std::size_t i = 0; i < std::min(adds.size(), deletes.size()); ++i) files.rename(deletes[i], adds[i]);
    return;
  }
  for (const std::size_t from : deletes) {
    for (const std::size_t to : adds)
      pairs.push_back({name_score(files.deletes[from].path, files.adds[to].path), from, to});
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const ScoredPair& a, const ScoredPair& b) { return a.score > b.score; });
  for (const ScoredPair& pair : pairs) {
    if (!files.delete_is_done[pair.from] && !files.add_is_done[pair.to]) files.rename(pair.from, pair.to);
  }
}

void match_equal_content(Candidates& files, const Bounds& bounds) {
  std::map<Oid, std::pair<Places, Places>> groups;
  for (std::size_t i = 0; i < files.adds.size(); ++i) groups[files.adds[i].oid].first.push_back(i);
  for (std::size_t i = 0; i < files.deletes.size(); ++i) groups[files.deletes[i].oid].second.push_back(i);
  for (const auto& [oid, group] : groups) {
    const auto& [adds, deletes] = group;
    if (adds.empty() || deletes.empty()) continue;
    if (adds.size() == 1) {
      match_one_add(files, adds.front(), deletes);
    } else if (deletes.size() == 1) {
      match_one_delete(files, adds, deletes.front());
    } else {
      match_many(files, adds, deletes, bounds);
    }
  }
}

// A file that may be renamed with changes, and what was measured of it.
struct Content {
  std::size_t place = 0;
  std::uint64_t size = 0;
  std::optional<BlockWeights> weights;
  bool is_readable = true;
};

std::vector<Content> contents_of(ObjectView& objects, const std::vector<FileSide>& files,
                                 const std::vector<bool>& is_done) {
  std::vector<Content> contents;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (is_done[i] || files[i].mode != EntryMode::Regular) continue;
    const auto size = objects.size(files[i].oid);
    contents.push_back({i, size ? *size : 0, std::nullopt, size.is_ok()});
  }
  return contents;
}

class SimilarityMatch {
 public:
  SimilarityMatch(ObjectView& objects, Candidates& files, const Bounds& bounds, std::stop_token stop)
      : objects_(objects), files_(files), bounds_(bounds), stop_(std::move(stop)) {}

  void match() {
    auto adds = contents_of(objects_, files_.adds, files_.add_is_done);
    auto deletes = contents_of(objects_, files_.deletes, files_.delete_is_done);
    if (adds.size() * deletes.size() > bounds_.max_rename_comparisons) return;
    // Score, index of the add, index of the delete: the order in which ties are broken.
    std::vector<std::tuple<std::uint64_t, std::size_t, std::size_t>> scored;
    for (Content& from : deletes) {
      for (Content& to : adds) {
        if (stop_.stop_requested()) return;
        const std::uint64_t score = score_of(from, to);
        if (score >= kLeastScore) scored.emplace_back(score, to.place, from.place);
      }
    }
    std::sort(scored.rbegin(), scored.rend());
    for (const auto& [score, to, from] : scored) {
      if (!files_.add_is_done[to] && !files_.delete_is_done[from]) files_.rename(from, to);
    }
  }

 private:
  static constexpr std::uint64_t kLeastScore = 60;

  std::uint64_t score_of(Content& from, Content& to) {
    const auto [smaller, larger] = std::minmax(from.size, to.size);
    if (larger > bounds_.max_file_bytes) return 0;  // it may not even be here
    if (100 * (smaller + 1) / (larger + 1) < kLeastScore) return 0;
    if (!weigh(from, files_.deletes[from.place].oid) || !weigh(to, files_.adds[to.place].oid)) return 0;
    const std::uint64_t names = name_score(files_.deletes[from.place].path, files_.adds[to.place].path);
    return (content_score(*from.weights, *to.weights) * 99 + names * 100) / 10000;
  }

  bool weigh(Content& file, const Oid& oid) {
    if (file.weights || !file.is_readable) return file.is_readable;
    file.is_readable = false;
    if (weighed_bytes_ + file.size > bounds_.max_rename_bytes) return false;
    const auto content = objects_.read(oid, ObjectKind::Blob);
    if (!content) return false;
    file.weights = weigh_blocks(*content);
    weighed_bytes_ += std::max(file.size, file.weights->bytes());  // many short lines take more than their text
    file.is_readable = true;
    return true;
  }

  ObjectView& objects_;
  Candidates& files_;
  const Bounds& bounds_;
  std::stop_token stop_;
  std::uint64_t weighed_bytes_ = 0;
};

}  // namespace

std::vector<Change> match_renames(ObjectView& objects, std::vector<FileSide> adds, std::vector<FileSide> deletes,
                                  const Bounds& bounds, std::stop_token stop) {
  Candidates files{std::move(adds), std::move(deletes), {}, {}, {}};
  files.add_is_done.resize(files.adds.size());
  files.delete_is_done.resize(files.deletes.size());
  if (!files.adds.empty() && !files.deletes.empty()) {
    match_equal_content(files, bounds);
    SimilarityMatch(objects, files, bounds, std::move(stop)).match();
  }
  std::vector<Change> changes = std::move(files.renames);
  for (std::size_t i = 0; i < files.deletes.size(); ++i) {
    if (!files.delete_is_done[i]) changes.push_back({std::move(files.deletes[i]), std::nullopt});
  }
  for (std::size_t i = 0; i < files.adds.size(); ++i) {
    if (!files.add_is_done[i]) changes.push_back({std::nullopt, std::move(files.adds[i])});
  }
  return changes;
}

}  // namespace cadence::analysis::git
