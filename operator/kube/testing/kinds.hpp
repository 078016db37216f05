// What the simulated server knows of each kind: where it lives, what it does with status and generation, and how it
// keys its lists. Pure. Knows no schema: fields that no real server would take are taken here.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"
#include "kube/core/meta.hpp"

namespace cadence::kube::testing {

struct Kind {
  core::KindInfo info;
  bool has_status = false;         // its status is a subresource, and nobody else's business
  bool has_generation = false;     // counted up with every change outside of metadata and status
  bool must_name_version = false;  // a PUT without resourceVersion is refused
  bool is_made_by_put = false;     // a PUT makes one that is missing
  bool is_custom = false;          // of a CustomResourceDefinition
};

// The built-in kinds that an operator of ours meets; custom ones are added to them.
std::vector<Kind> built_in_kinds();
Kind custom_kind(core::KindInfo info);

// How the server merges a list: as a whole, as a set of values, or element by element, told apart by these members.
struct ListStyle {
  enum class How { Atomic, Set, Keyed };
  How how = How::Atomic;
  std::vector<std::string> keys{};
};
// `field`: the list's own name; `kind`: of the object that holds it.
ListStyle list_style(const Kind& kind, const std::string& field, const json::Value& list);
// Objects that have one owner, or none: selectors above all.
bool is_atomic_object(const Kind& kind, const std::string& field);

// As the server keeps it: what says nothing is left out, and the few defaults that clients of ours meet are filled in.
json::Value as_stored(const Kind& kind, json::Value object);

}  // namespace cadence::kube::testing
