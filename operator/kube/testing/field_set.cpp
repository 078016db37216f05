#include "kube/testing/field_set.hpp"

#include <algorithm>

namespace cadence::kube::testing {
namespace {

using How = ListStyle::How;

constexpr const char* kSelf = ".";

// Calls visit(element, child) for each part that is owned by itself; false: the value is a leaf.
template <class Visit>
bool for_each_part(const Kind& kind, const std::string& field, const json::Value& value, Visit visit) {
  if (value.is_object()) {
    if (value.empty() || is_atomic_object(kind, field)) return false;
    for (const auto& [key, child] : value.items()) visit("f:" + key, key, child);
    return true;
  }
  if (!value.is_array() || value.empty()) return false;
  const auto style = list_style(kind, field, value);
  if (style.how == How::Atomic) return false;
  for (const auto& child : value) visit(element_name(style, child), field, child);
  return true;
}

bool is_element(const std::string& name) { return name.starts_with("k:") || name.starts_with("v:"); }

// `is_whole`: the objects that came or went as a whole are members, too.
void collect(const Kind& kind, const std::string& field, const json::Value& value, FieldSet& out,
             bool is_whole = false) {
  const bool has_parts = for_each_part(kind, field, value, [&](const auto& name, const auto& below, const auto& child) {
    auto& part = out.children[name];
    collect(kind, below, child, part, is_whole);
    if (is_element(name)) part.is_member = true;
  });
  if (!has_parts || is_whole) out.is_member = true;
}

void compare(const Kind& kind, const std::string& field, const json::Value& before, const json::Value& after,
             Difference& out);

void compare_parts(const Kind& kind, const std::string& field, const json::Value& before, const json::Value& after,
                   Difference& out) {
  std::map<std::string, const json::Value*> old;
  for_each_part(kind, field, before, [&](const auto& name, const auto&, const auto& child) { old[name] = &child; });
  for_each_part(kind, field, after, [&](const auto& name, const auto& below, const auto& child) {
    Difference part;
    if (const auto found = old.find(name); found != old.end()) {
      compare(kind, below, *found->second, child, part);
      old.erase(found);
    } else {
      collect(kind, below, child, part.added, true);
      if (is_element(name)) part.added.is_member = true;
    }
    if (!part.added.is_empty()) out.added.children[name] = std::move(part.added);
    if (!part.changed.is_empty()) out.changed.children[name] = std::move(part.changed);
    if (!part.removed.is_empty()) out.removed.children[name] = std::move(part.removed);
  });
  for (const auto& [name, child] : old) {
    auto& part = out.removed.children[name];
    collect(kind, name.starts_with("f:") ? name.substr(2) : field, *child, part, true);
    if (is_element(name)) part.is_member = true;
  }
}

void compare(const Kind& kind, const std::string& field, const json::Value& before, const json::Value& after,
             Difference& out) {
  const auto has_parts = [&](const json::Value& value) {
    return for_each_part(kind, field, value, [](const auto&, const auto&, const auto&) {});
  };
  if (has_parts(before) && has_parts(after)) return compare_parts(kind, field, before, after, out);
  if (before == after) return;
  if (has_parts(before)) {
    collect(kind, field, before, out.removed);
    out.changed.is_member = true;
  } else if (has_parts(after)) {
    collect(kind, field, after, out.added);
  } else {
    out.changed.is_member = true;
  }
}

void add_paths(const FieldSet& set, const std::string& path, std::vector<std::string>& out) {
  if (set.is_member && !path.empty()) out.push_back(path);
  for (const auto& [name, child] : set.children) {
    if (name.starts_with("f:")) {
      add_paths(child, path + "." + name.substr(2), out);
      continue;
    }
    const auto value = json::parse(name.substr(2));
    std::string key;
    if (value && value->is_object()) {
      for (const auto& [member, content] : value->items())
        key += (key.empty() ? "" : ",") + member + "=" + content.dump();
    } else {
      key = "=" + name.substr(2);
    }
    add_paths(child, path + "[" + key + "]", out);
  }
}

json::Value merged_list(const Kind& kind, const ListStyle& style, const std::string& field, const json::Value& live,
                        const json::Value& applied);

json::Value merged_at(const Kind& kind, const std::string& field, const json::Value& live, const json::Value& applied) {
  if (live.is_object() && applied.is_object() && !is_atomic_object(kind, field)) {
    auto out = live;
    for (const auto& [key, value] : applied.items()) out[key] = merged_at(kind, key, json::at_path(live, {key}), value);
    return out;
  }
  if (live.is_array() && applied.is_array()) {
    const auto style = list_style(kind, field, applied.empty() ? live : applied);
    if (style.how != How::Atomic) return merged_list(kind, style, field, live, applied);
  }
  return applied;
}

// The applied elements in their order; those that only the live list has stay before the one that follows them there.
json::Value merged_list(const Kind& kind, const ListStyle& style, const std::string& field, const json::Value& live,
                        const json::Value& applied) {
  std::map<std::string, const json::Value*> wanted;
  for (const auto& element : applied) wanted[element_name(style, element)] = &element;
  auto out = json::Value::array();
  auto next = applied.begin();
  std::map<std::string, const json::Value*> old;
  for (const auto& element : live) old[element_name(style, element)] = &element;
  const auto take = [&](const json::Value& element) {
    const auto found = old.find(element_name(style, element));
    out.push_back(found == old.end() ? element : merged_at(kind, field, *found->second, element));
  };
  for (const auto& element : live) {
    const auto name = element_name(style, element);
    if (!wanted.contains(name)) {
      out.push_back(element);
      continue;
    }
    while (next != applied.end()) {
      const bool is_it = element_name(style, *next) == name;
      const bool comes_later = !is_it && old.contains(element_name(style, *next));
      if (comes_later) break;
      take(*next++);
      if (is_it) break;
    }
  }
  for (; next != applied.end(); ++next) {
    const auto name = element_name(style, *next);
    const bool is_there =
        std::any_of(out.begin(), out.end(), [&](const auto& e) { return element_name(style, e) == name; });
    if (!is_there) take(*next);
  }
  return out;
}

json::Value without_at(const Kind& kind, const std::string& field, const json::Value& value, const FieldSet& set) {
  if (value.is_object()) {
    auto out = json::Value::object();
    for (const auto& [key, child] : value.items()) {
      const auto found = set.children.find("f:" + key);
      if (found == set.children.end()) out[key] = child;
      else if (!found->second.is_member) {
        // What loses its last member goes with it.
        if (auto rest = without_at(kind, key, child, found->second); !rest.empty() || child.empty())
          out[key] = std::move(rest);
      }
    }
    return out;
  }
  if (!value.is_array()) return value;
  const auto style = list_style(kind, field, value);
  if (style.how == How::Atomic) return value;
  auto out = json::Value::array();
  for (const auto& child : value) {
    const auto found = set.children.find(element_name(style, child));
    if (found == set.children.end()) out.push_back(child);
    else if (!found->second.is_member) out.push_back(without_at(kind, field, child, found->second));
  }
  return out;
}

}  // namespace

std::string element_name(const ListStyle& style, const json::Value& element) {
  if (style.how == How::Set) return "v:" + element.dump();
  auto keys = json::Value::object();
  for (const auto& key : style.keys) {
    if (element.contains(key)) keys[key] = element.at(key);
    else if (key == "protocol") keys[key] = "TCP";
  }
  return "k:" + keys.dump();
}

FieldSet fields_of(const Kind& kind, const json::Value& object) {
  FieldSet out;
  collect(kind, "", object, out);
  out.is_member = false;
  return out;
}

FieldSet united(FieldSet a, const FieldSet& b) {
  a.is_member |= b.is_member;
  for (const auto& [name, child] : b.children) {
    auto& own = a.children[name];
    own = united(std::move(own), child);
  }
  return a;
}

FieldSet common(const FieldSet& a, const FieldSet& b) {
  FieldSet out;
  out.is_member = a.is_member && b.is_member;
  for (const auto& [name, child] : a.children) {
    const auto other = b.children.find(name);
    if (other == b.children.end()) continue;
    if (auto both = common(child, other->second); !both.is_empty()) out.children[name] = std::move(both);
  }
  return out;
}

FieldSet without(FieldSet a, const FieldSet& b) {
  if (b.is_member) a.is_member = false;
  for (const auto& [name, child] : b.children) {
    const auto own = a.children.find(name);
    if (own == a.children.end()) continue;
    own->second = without(std::move(own->second), child);
    if (own->second.is_empty()) a.children.erase(own);
  }
  return a;
}

json::Value to_fields_v1(const FieldSet& set) {
  auto out = json::Value::object();
  for (const auto& [name, child] : set.children) {
    out[name] = to_fields_v1(child);
    if (child.is_member && !child.children.empty()) out[name][kSelf] = json::Value::object();
  }
  return out;
}

FieldSet from_fields_v1(const json::Value& fields) {
  FieldSet out;
  if (fields.empty()) out.is_member = true;
  for (const auto& [name, child] : fields.items()) {
    if (name == kSelf) out.is_member = true;
    else out.children[name] = from_fields_v1(child);
  }
  return out;
}

std::vector<std::string> to_paths(const FieldSet& set) {
  std::vector<std::string> out;
  add_paths(set, "", out);
  return out;
}

Difference difference(const Kind& kind, const json::Value& before, const json::Value& after) {
  Difference out;
  compare(kind, "", before, after, out);
  return out;
}

json::Value merged(const Kind& kind, const json::Value& live, const json::Value& applied) {
  return merged_at(kind, "", live, applied);
}

json::Value without_fields(const Kind& kind, const json::Value& object, const FieldSet& set) {
  return without_at(kind, "", object, set);
}

}  // namespace cadence::kube::testing
