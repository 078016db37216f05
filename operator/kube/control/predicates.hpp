// Which changes of an object a controller cares for. Pure: each looks at the metadata before and after a change.
// Promises: nothing is kept from a cache, only from a queue. A child's status is often the very news: these are for
// objects whose spec is.
#pragma once

#include "kube/core/meta.hpp"

namespace cadence::kube::control {

// Either may be null: made, gone.
struct Change {
  const core::ObjectMeta *before = nullptr, *now = nullptr;
};

inline bool is_made(const Change& change) { return change.before == nullptr && change.now != nullptr; }
inline bool is_gone(const Change& change) { return change.before != nullptr && change.now == nullptr; }

// The spec changed, or the deletion was asked for: both raise the generation. Status, labels and annotations do not.
// An object without a generation (of a kind that has none) is taken for changed.
inline bool is_new_generation(const Change& change) {
  if (change.before == nullptr || change.now == nullptr) return true;
  if (change.before->deletion_timestamp != change.now->deletion_timestamp) return true;
  return !change.now->generation || change.before->generation != change.now->generation;
}

inline bool has_other_labels(const Change& change) {
  return change.before == nullptr || change.now == nullptr || change.before->labels != change.now->labels;
}

inline bool has_other_annotations(const Change& change) {
  return change.before == nullptr || change.now == nullptr || change.before->annotations != change.now->annotations;
}

}  // namespace cadence::kube::control
