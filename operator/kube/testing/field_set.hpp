// Which fields of an object somebody owns: a tree of path elements, as metadata.managedFields holds it (FieldsV1).
// Pure. Promises: the set operations are those of structured-merge-diff as far as values are leaves; an object that is
// not empty is no member itself, an element of a keyed list is.
#pragma once

#include <map>
#include <string>

#include "json/value.hpp"
#include "kube/testing/kinds.hpp"

namespace cadence::kube::testing {

// Elements are written as in FieldsV1: "f:name", "k:{…}" for an element of a keyed list, "v:…" for one of a set.
struct FieldSet {
  bool is_member = false;
  std::map<std::string, FieldSet> children;

  [[nodiscard]] bool is_empty() const { return !is_member && children.empty(); }
  bool operator==(const FieldSet&) const = default;
};

FieldSet fields_of(const Kind& kind, const json::Value& object);
FieldSet united(FieldSet a, const FieldSet& b);
FieldSet common(const FieldSet& a, const FieldSet& b);
FieldSet without(FieldSet a, const FieldSet& b);

json::Value to_fields_v1(const FieldSet& set);
FieldSet from_fields_v1(const json::Value& fields);
// ".spec.replicas", ".spec.containers[name=\"a\"].image": as conflicts name them.
std::vector<std::string> to_paths(const FieldSet& set);

// What became of the leaves.
struct Difference {
  FieldSet added, changed, removed;
};
Difference difference(const Kind& kind, const json::Value& before, const json::Value& after);

// `applied` over `live`: members of objects and of keyed lists one by one, everything else as a whole.
json::Value merged(const Kind& kind, const json::Value& live, const json::Value& applied);
// `object` without these members.
json::Value without_fields(const Kind& kind, const json::Value& object, const FieldSet& set);

// The name of a list's element in a set: the values of its keys, or itself.
std::string element_name(const ListStyle& style, const json::Value& element);

}  // namespace cadence::kube::testing
