#include "recovery/gaps.hpp"

#include <algorithm>

namespace cadence::recovery {

using std::chrono::seconds;

namespace {

constexpr int kAccepted = 202;

// 200 is what an event without an analysis is answered, and any other 2xx is not ours to doubt.
bool is_settled_by(int status) { return status >= 200 && status < 300 && status != kAccepted; }

seconds patience_with(const Gap& gap, const Rules& rules) {
  if (gap.times == 0) {
    if (gap.status == kAccepted) return rules.acknowledged;
    return gap.status == 0 ? rules.unanswered : seconds(0);
  }
  constexpr int kMostDoublings = 10;
  return gap.attempt == gap.asked_attempt ? rules.unseen : rules.again * (1 << std::min(gap.times - 1, kMostDoublings));
}

bool is_waited_for(const Gap& gap, base::Wall now, const Rules& rules) {
  return now < (gap.times == 0 ? gap.seen_at : gap.asked_at) + patience_with(gap, rules);
}

void close(Notes& notes, std::map<std::string, Gap>::iterator gap) {
  if (gap->second.times > 0) ++notes.counts.came_back;
  notes.gaps.erase(gap);
}

}  // namespace

bool note_attempts(Notes& notes, std::int64_t hook, const std::vector<Attempt>& attempts,
                   const std::set<std::string>& known, base::Wall now, const Rules& rules) {
  for (auto gap = notes.gaps.begin(); gap != notes.gaps.end();) {
    const auto next = std::next(gap);
    if (known.contains(gap->first)) close(notes, gap);
    gap = next;
  }
  std::map<std::string, const Attempt*> newest;
  std::set<std::string> settled;
  for (const auto& attempt : attempts) {
    if (attempt.delivery.empty()) continue;
    auto& found = newest[attempt.delivery];
    if (found == nullptr || found->id < attempt.id) found = &attempt;
    if (is_settled_by(attempt.status)) settled.insert(attempt.delivery);
  }
  bool has_room = true;
  for (const auto& [delivery, attempt] : newest) {
    const auto gap = notes.gaps.find(delivery);
    const bool is_gap = gap != notes.gaps.end();
    if (known.contains(delivery) || settled.contains(delivery)) {
      if (is_gap) close(notes, gap);
    } else if (is_gap) {
      if (attempt->id > gap->second.attempt) {
        gap->second.attempt = attempt->id;
        gap->second.status = attempt->status;
        gap->second.hook = hook;
      }
    } else if (attempt->status == kAccepted && attempt->repository.empty()) {
      // Without its repository it cannot be looked up, and it was acknowledged.
    } else if (attempt->at != base::Wall{} && attempt->at < now - rules.kept) {
      // Nobody has it any more.
    } else if (notes.gaps.size() >= rules.most_gaps) {
      has_room = false;
    } else {
      Gap fresh{.hook = hook, .attempt = attempt->id, .status = attempt->status, .repository = attempt->repository};
      fresh.seen_at = now;
      notes.gaps.emplace(delivery, std::move(fresh));
      ++notes.counts.missing;
    }
  }
  return has_room;
}

bool is_read(const Reading& reading, const std::vector<Attempt>& rows, base::Wall now, const Rules& rules) {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), [&](const Attempt& row) {
    if (row.at == base::Wall{}) return row.id <= reading.newest;
    return row.at < now - rules.kept || (reading.newest > 0 && row.at < reading.newest_at - rules.overlap);
  });
}

std::vector<std::string> due(const Notes& notes, base::Wall now, const Rules& rules) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const auto& [delivery, gap] : notes.gaps)
    if (!gap.is_given_up && gap.times < rules.most_times && !is_waited_for(gap, now, rules))
      found.emplace_back(gap.attempt, delivery);
  std::sort(found.begin(), found.end());
  std::vector<std::string> out;
  for (auto& [attempt, delivery] : found) out.push_back(std::move(delivery));
  return out;
}

void note_asked(Notes& notes, const std::string& delivery, base::Wall now) {
  auto& gap = notes.gaps.at(delivery);
  ++gap.times;
  gap.asked_at = now;
  gap.asked_attempt = gap.attempt;
  ++notes.counts.asked;
}

void take_back(Notes& notes, const std::string& delivery, const Gap& before) {
  notes.gaps.at(delivery) = before;
  --notes.counts.asked;
}

std::vector<std::string> give_up(Notes& notes, base::Wall now, const Rules& rules) {
  std::vector<std::string> given_up;
  for (auto gap = notes.gaps.begin(); gap != notes.gaps.end();) {
    const auto next = std::next(gap);
    auto& [delivery, one] = *gap;
    const bool is_gone = now >= one.seen_at + rules.kept;
    const bool is_asked_enough = one.times >= rules.most_times && !is_waited_for(one, now, rules);
    if (!one.is_given_up && (is_gone || is_asked_enough)) {
      one.is_given_up = true;
      ++notes.counts.given_up;
      given_up.push_back(delivery);
    }
    // Until then its tries are in the list, and would be found missing once more.
    if (is_gone) notes.gaps.erase(gap);
    gap = next;
  }
  return given_up;
}

std::size_t open_gaps(const Notes& notes) {
  return static_cast<std::size_t>(
      std::count_if(notes.gaps.begin(), notes.gaps.end(), [](const auto& entry) { return !entry.second.is_given_up; }));
}

seconds oldest_gap(const Notes& notes, base::Wall now) {
  auto oldest = now;
  for (const auto& [delivery, gap] : notes.gaps) oldest = std::min(oldest, gap.seen_at);
  return std::chrono::duration_cast<seconds>(now - oldest);
}

}  // namespace cadence::recovery
