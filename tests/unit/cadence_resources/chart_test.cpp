// The chart against the operator: it may apply everything we build, it holds whatever it grants, and its CRDs are ours.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "cadence/resources/common/rbac.hpp"
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

TEST(Chart, MayWatchAndApplyEveryKindWeBuild) {
  const auto rules = chart_rules();
  const auto cluster = cluster_from("{webhook: {autoscaling: {}}}");
  const Context context{.cluster = cluster};
  std::vector<const kube::core::KindInfo*> kinds{&kube::types::Pod::kind_info(),
                                                 &kube::types::PersistentVolumeClaim::kind_info(),
                                                 &kube::types::Secret::kind_info()};
  for (const auto& part : {network_policy_documents(context), redis_documents(context), postgres_documents(context),
                           webhook_documents(context), load_balancer_documents(context)}) {
    for (const auto& document : part) kinds.push_back(document.kind);
  }
  for (const auto* kind : kinds) {
    for (const char* verb : {"get", "list", "watch", "create", "patch"}) {
      EXPECT_TRUE(allows(rules, kind->group, kind->plural, verb)) << verb << " " << kind->plural << "." << kind->group;
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

TEST(Chart, CarriesOurCrds) {
  EXPECT_EQ(read("charts/cadence-operator/files/crds/cadence.noslop.tech.yaml"), read("crds/cadence.noslop.tech.yaml"));
}

}  // namespace
}  // namespace cadence::resources
