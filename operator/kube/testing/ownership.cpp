#include "kube/testing/ownership.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace cadence::kube::testing {
namespace {

// One entry of metadata.managedFields.
struct Entry {
  FieldSet fields;
  std::string time;
};
using Key = std::tuple<std::string, std::string, std::string>;  // manager, operation, subresource
using Managers = std::map<Key, Entry>;

Key key_of(const Writer& writer) { return {writer.manager, writer.is_apply ? "Apply" : "Update", writer.subresource}; }

Managers managers_of(const json::Value& object) {
  Managers out;
  for (const auto& entry : json::at_path(object, {"metadata", "managedFields"})) {
    auto fields = json::at_path(entry, {"fieldsV1"}).empty() ? FieldSet{} : from_fields_v1(entry.at("fieldsV1"));
    out[{json::string_at(entry, {"manager"}), json::string_at(entry, {"operation"}),
         json::string_at(entry, {"subresource"})}] = {std::move(fields), json::string_at(entry, {"time"})};
  }
  return out;
}

void put(json::Value& object, const Kind& kind, const Managers& managers) {
  auto out = json::Value::array();
  for (const auto& [key, entry] : managers) {
    const auto& [manager, operation, subresource] = key;
    json::Value made{{"manager", manager}, {"operation", operation},   {"apiVersion", kind.info.api_version()},
                     {"time", entry.time}, {"fieldsType", "FieldsV1"}, {"fieldsV1", to_fields_v1(entry.fields)}};
    if (!subresource.empty()) made["subresource"] = subresource;
    out.push_back(std::move(made));
  }
  if (out.empty()) object["metadata"].erase("managedFields");
  else object["metadata"]["managedFields"] = std::move(out);
}

// What nobody owns.
json::Value ownable(json::Value object) {
  for (const char* name : {"apiVersion", "kind"}) object.erase(name);
  if (!object.contains("metadata")) return object;
  for (const char* name : {"name", "namespace", "creationTimestamp", "uid", "generation", "managedFields",
                           "resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"})
    object["metadata"].erase(name);
  if (object["metadata"].empty()) object.erase("metadata");
  return object;
}

// Without what is itself, or holds below it, a member of `kept`.
FieldSet lost(const FieldSet& last, const FieldSet& kept) {
  FieldSet out;
  out.is_member = last.is_member && kept.is_empty();
  for (const auto& [name, child] : last.children) {
    const auto other = kept.children.find(name);
    auto below = lost(child, other == kept.children.end() ? FieldSet{} : other->second);
    if (!below.is_empty()) out.children[name] = std::move(below);
  }
  return out;
}

// Takes what was written from everybody else; for an apply without force, first says whom that would hurt.
std::vector<std::string> take_from_others(const Difference& change, const Key& own, bool is_forced,
                                          Managers& managers) {
  const auto touched = united(change.added, change.changed);
  std::vector<std::string> conflicts;
  for (const auto& [key, entry] : managers) {
    if (key == own) continue;
    for (const auto& path : to_paths(common(entry.fields, touched)))
      conflicts.push_back("conflict with \"" + std::get<0>(key) + "\": " + path);
  }
  if (!conflicts.empty() && !is_forced) return conflicts;
  const auto gone = united(touched, change.removed);
  for (auto at = managers.begin(); at != managers.end();) {
    if (at->first != own) at->second.fields = without(std::move(at->second.fields), gone);
    at = at->second.fields.is_empty() && at->first != own ? managers.erase(at) : std::next(at);
  }
  return {};
}

void set_own(Managers& managers, const Key& own, FieldSet fields, const std::string& now) {
  if (fields.is_empty()) {
    managers.erase(own);
    return;
  }
  auto& entry = managers[own];
  if (entry.fields != fields || entry.time.empty()) entry.time = now;
  entry.fields = std::move(fields);
}

}  // namespace

Applied apply(const Kind& kind, const json::Value& live, const json::Value& applied, const Writer& writer,
              const std::string& now) {
  const auto own = key_of(writer);
  auto managers = managers_of(live);
  const auto wanted = fields_of(kind, ownable(applied));
  const auto last = managers.contains(own) ? managers.at(own).fields : FieldSet{};

  auto object = live.is_null() ? applied : merged(kind, live, applied);
  auto kept = wanted;
  for (const auto& [key, entry] : managers) {
    if (key != own) kept = united(std::move(kept), entry.fields);
  }
  object = without_fields(kind, object, lost(last, kept));

  const auto before = live.is_null() ? json::Value::object() : ownable(live);
  const auto conflicts = take_from_others(difference(kind, before, ownable(object)), own, writer.is_forced, managers);
  if (!conflicts.empty()) return {live, conflicts};
  set_own(managers, own, wanted, now);
  object = as_stored(kind, std::move(object));
  put(object, kind, managers);
  return {std::move(object), {}};
}

json::Value track(const Kind& kind, const json::Value& live, json::Value after, const Writer& writer,
                  const std::string& now) {
  const auto own = key_of(writer);
  auto managers = managers_of(live);
  after = as_stored(kind, std::move(after));
  const auto before = live.is_null() ? json::Value::object() : ownable(live);
  const auto change = difference(kind, before, ownable(after));
  take_from_others(change, own, true, managers);
  auto fields = managers.contains(own) ? managers.at(own).fields : FieldSet{};
  fields = without(united(united(std::move(fields), change.added), change.changed), change.removed);
  fields.is_member = false;
  set_own(managers, own, std::move(fields), now);
  put(after, kind, managers);
  return after;
}

}  // namespace cadence::kube::testing
