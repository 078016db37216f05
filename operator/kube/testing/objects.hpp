// The objects of a simulated server, their versions and what happened to them since the last compaction. A value: a
// copy is a picture that a later run starts from. Promises: versions only grow; a write that changes nothing makes
// none. Knows no HTTP and judges nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "kube/core/full_name.hpp"
#include "kube/core/meta.hpp"
#include "kube/core/watch_event.hpp"
#include "json/value.hpp"

namespace cadence::kube::testing {

using Document = std::shared_ptr<const json::Value>;

struct Id {
  std::string plural;  // with its group: "deployments.apps"
  core::ObjectKey key;
  auto operator<=>(const Id&) const = default;
};

struct Change {
  std::uint64_t version = 0;
  core::EventType type = core::EventType::Added;
  Id id;
  Document before, now;  // either may be null; a deleted object's last state is `before`
};

class Objects {
 public:
  [[nodiscard]] Document find(const Id& id) const;
  // All of a kind; of one namespace unless it is empty.
  [[nodiscard]] std::vector<Document> list(const std::string& plural, const std::string& namespace_ = {}) const;
  [[nodiscard]] std::map<Id, Document> all() const { return objects_; }

  Document put(const Id& id, json::Value object);  // gives it its version
  Document erase(const Id& id);                    // its last state, under the version of the deletion

  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] std::string next_uid();
  // Changes after that version, in order.
  [[nodiscard]] const std::vector<Change>& history() const { return history_; }
  // Where the changes after that version begin in history(); nothing when some of them are no longer kept.
  [[nodiscard]] std::optional<std::size_t> after(std::uint64_t version) const;
  // Forgets what happened: whoever asks for a version before this one is too late (410).
  void compact();

 private:
  std::map<Id, Document> objects_;
  std::vector<Change> history_;
  std::uint64_t version_ = 1, compacted_ = 0, uids_ = 0;
};

}  // namespace cadence::kube::testing
