// The chart against the operator: its rights are those of the list of kinds, it holds whatever it grants, and its CRDs
// are ours.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "cadence/api/definition.hpp"
#include "cadence/kinds/kinds.hpp"
#include "cadence/resources/load_balancer/haproxy/rbac.hpp"
#include "cadence/resources/postgres/rbac.hpp"
#include "cadence/resources/documents.hpp"
#include "cadence/resources/postgres/postgres.hpp"
#include "sample.hpp"

namespace cadence::resources {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::string(CADENCE_SOURCE_DIR) + "/" + path);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

// The list of rules in the chart's helper; it is plain YAML between its define and its end.
std::vector<kube::types::PolicyRule> chart_rules() {
  const auto text = read("charts/cadence-operator/templates/_helpers.tpl");
  const std::string begin = "{{- define \"cadence-operator.rules\" -}}\n";
  const auto from = text.find(begin);
  const auto to = text.find("{{- end }}", from);
  EXPECT_NE(from, std::string::npos);
  const auto rules = json::parse_yaml(text.substr(from + begin.size(), to - from - begin.size()));
  EXPECT_TRUE(rules);
  std::vector<kube::types::PolicyRule> out;
  if (rules) {
    for (const auto& rule : *rules) out.push_back(json::decode_leniently<kube::types::PolicyRule>(rule));
  }
  return out;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool allows(const std::vector<kube::types::PolicyRule>& rules, const std::string& group, const std::string& resource,
            const std::string& verb) {
  return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) {
    return rule.resource_names.empty() && contains(rule.api_groups, group) && contains(rule.resources, resource) &&
           contains(rule.verbs, verb);
  });
}

std::set<std::string> verbs_of(const std::vector<kube::types::PolicyRule>& rules, const kube::core::KindInfo& kind) {
  std::set<std::string> out;
  for (const auto& rule : rules) {
    if (contains(rule.api_groups, kind.group) && contains(rule.resources, kind.plural))
      out.insert(rule.verbs.begin(), rule.verbs.end());
  }
  return out;
}

TEST(Chart, GrantsOfEveryKindWhatTheListOfKindsSaysAndNoMore) {
  const auto rules = chart_rules();
  for (const auto& [kind, manner] : kinds::all()) {
    std::set<std::string> expected{"get", "list", "watch"};
    if (manner.rights.create) expected.insert("create");
    if (manner.rights.update) expected.insert("update");
    if (manner.rights.patch) expected.insert("patch");
    if (manner.rights.remove) expected.insert("delete");
    if (kind->is_namespaced) EXPECT_EQ(verbs_of(rules, *kind), expected) << kind->plural;
    else EXPECT_EQ(verbs_of(rules, *kind), std::set<std::string>{}) << kind->plural << " belongs to no namespace";
  }
}

// Beside the kinds that are kept in caches, and none by mistake.
TEST(Chart, GrantsNothingElseButWhatIsNamedHere) {
  const std::set<std::string> others{"cadence.noslop.tech/cadenceclusters/status",
                                     "cadence.noslop.tech/cadenceclusters/finalizers",
                                     "/endpoints",             // deleted where a selector left them behind
                                     "events.k8s.io/events"};  // written, and asked for when something does not get on
  for (const auto& rule : chart_rules()) {
    for (const auto& group : rule.api_groups) {
      for (const auto& resource : rule.resources) {
        const auto& list = kinds::all();
        const bool is_listed = std::any_of(list.begin(), list.end(), [&](const kinds::Entry& entry) {
          return entry.info->group == group && entry.info->plural == resource;
        });
        EXPECT_TRUE(is_listed || others.contains(group + "/" + resource)) << group + "/" + resource;
      }
    }
  }
}

TEST(Chart, EveryKindOfOursIsInTheListWithItsDefinitionAndItsUsersRights) {
  const auto users = read("charts/cadence-operator/templates/rbac-users.yaml");
  std::set<std::string> roots, defined;
  for (const auto& [kind, manner] : kinds::all()) {
    if (manner.role != kinds::Role::Root) continue;
    roots.insert(kind->plural);
    EXPECT_NE(users.find("resources: [" + kind->plural + "]"), std::string::npos) << kind->plural;
    EXPECT_TRUE(allows(chart_rules(), kind->group, kind->plural + "/status", "patch")) << kind->plural;
    const auto file = "crds/" + kind->plural + ".yaml";
    EXPECT_FALSE(read(file).empty()) << file;
    EXPECT_EQ(read("charts/cadence-operator/files/" + file), read(file));
  }
  for (const auto& manifest : api::custom_resource_definitions())
    defined.insert(json::string_at(manifest, {"spec", "names", "plural"}));
  EXPECT_EQ(roots, defined);
}

TEST(Chart, EveryKindWeBuildIsAChildInTheListOfKinds) {
  const auto cluster = cluster_from("{webhook: {autoscaling: {}}}");
  const Context context{.cluster = cluster};
  for (const auto& part : {network_policy_documents(context), redis_documents(context), postgres_documents(context),
                           webhook_documents(context), load_balancer_documents(context)}) {
    for (const auto& document : part) {
      const auto& list = kinds::all();
      EXPECT_TRUE(std::any_of(list.begin(), list.end(), [&](const kinds::Entry& entry) {
        return *entry.info == *document.kind && entry.manner.role == kinds::Role::Child && entry.manner.rights.patch;
      })) << document.kind->kind;
    }
  }
}

TEST(Chart, HoldsEveryRightItGrants) {
  const auto rules = chart_rules();
  const auto cluster = cluster_from("{}");
  for (const auto& role : {build_lb_role({.cluster = cluster}), build_postgres_role({.cluster = cluster})}) {
    for (const auto& granted : role.rules) {
      for (const auto& group : granted.api_groups) {
        for (const auto& resource : granted.resources) {
          for (const auto& verb : granted.verbs)
            EXPECT_TRUE(allows(rules, group, resource, verb)) << verb << " " << resource << "." << group;
        }
      }
    }
  }
}

TEST(Chart, NeverDeletesVolumesAndHoldsNoWildcard) {
  const auto rules = chart_rules();
  EXPECT_FALSE(allows(rules, "", "persistentvolumeclaims", "delete"));
  for (const auto& rule : rules) {
    for (const auto* list : {&rule.api_groups, &rule.resources, &rule.verbs}) EXPECT_FALSE(contains(*list, "*"));
  }
}

}  // namespace
}  // namespace cadence::resources
