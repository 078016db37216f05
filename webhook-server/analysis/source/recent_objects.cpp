#include "analysis/source/recent_objects.hpp"

namespace cadence::analysis::source {
namespace {

// What an entry costs beside its content: list node, map node, libgit2's own record.
constexpr std::size_t kOverhead = 256;

std::size_t cost_of(const RecentObjects::Object& object) { return std::string_view(object.content).size() + kOverhead; }

}  // namespace

const RecentObjects::Object* RecentObjects::find(const git::Oid& oid) {
  const auto found = places_.find(oid);
  if (found == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->object;
}

void RecentObjects::keep(const git::Oid& oid, Object object) {
  const std::size_t cost = cost_of(object);
  if (cost > most_bytes_ / 8 || places_.contains(oid)) return;
  bytes_ += cost;
  entries_.push_front({oid, std::move(object)});
  places_.emplace(oid, entries_.begin());
  while (bytes_ > most_bytes_) {
    bytes_ -= cost_of(entries_.back().object);
    places_.erase(entries_.back().oid);
    entries_.pop_back();
  }
}

}  // namespace cadence::analysis::source
