// Who owns which fields of an object, and what a write does about it: server-side apply with its conflicts, and the
// tracking of all other writes. Pure. Source: KEP-555 and structured-merge-diff's merge/update.go.
#pragma once

#include <string>

#include "kube/testing/field_set.hpp"

namespace cadence::kube::testing {

struct Writer {
  std::string manager;
  bool is_apply = false;
  bool is_forced = false;
  std::string subresource{};
};

struct Applied {
  json::Value object;                  // with metadata.managedFields
  std::vector<std::string> conflicts;  // "conflict with "a": .spec.x"; then the object is as it was
};

// `applied` holds what the manager wants to own; null `live`: the object is made of it.
Applied apply(const Kind& kind, const json::Value& live, const json::Value& applied, const Writer& writer,
              const std::string& now);

// `after` was written as a whole: the manager gets what it changed, and the others lose it.
json::Value track(const Kind& kind, const json::Value& live, json::Value after, const Writer& writer,
                  const std::string& now);

}  // namespace cadence::kube::testing
