#include "kube/testing/objects.hpp"

#include <algorithm>
#include <cstdio>

namespace cadence::kube::testing {

Document Objects::find(const Id& id) const {
  const auto found = objects_.find(id);
  return found == objects_.end() ? nullptr : found->second;
}

std::vector<Document> Objects::list(const std::string& plural, const std::string& namespace_) const {
  std::vector<Document> out;
  for (auto at = objects_.lower_bound({plural, {namespace_, ""}}); at != objects_.end(); ++at) {
    if (at->first.plural != plural || (!namespace_.empty() && at->first.key.namespace_ != namespace_)) break;
    out.push_back(at->second);
  }
  return out;
}

Document Objects::put(const Id& id, json::Value object) {
  object["metadata"]["resourceVersion"] = std::to_string(++version_);
  auto made = std::make_shared<const json::Value>(std::move(object));
  auto& held = objects_[id];
  history_.push_back({version_, held ? core::EventType::Modified : core::EventType::Added, id, held, made});
  return held = std::move(made);
}

Document Objects::erase(const Id& id) {
  const auto found = objects_.find(id);
  if (found == objects_.end()) return nullptr;
  auto last = *found->second;
  objects_.erase(found);
  last["metadata"]["resourceVersion"] = std::to_string(++version_);
  auto gone = std::make_shared<const json::Value>(std::move(last));
  history_.push_back({version_, core::EventType::Deleted, id, gone, nullptr});
  return gone;
}

std::string Objects::next_uid() {
  char text[40];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llu", static_cast<unsigned long long>(++uids_));
  return text;
}

std::optional<std::size_t> Objects::after(std::uint64_t version) const {
  if (version < compacted_) return std::nullopt;
  const auto first =
      std::upper_bound(history_.begin(), history_.end(), version,
                       [](std::uint64_t wanted, const Change& change) { return wanted < change.version; });
  return static_cast<std::size_t>(first - history_.begin());
}

void Objects::compact() {
  compacted_ = version_;
  history_.clear();
}

}  // namespace cadence::kube::testing
