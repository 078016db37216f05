// Every kind of object that the operator keeps in a cache, once: what it is to us, what of it is watched, and what is
// done with it. Pure. Caches, watches, the picture of a cluster's children and the removal of what is left over all
// follow from this list, and a test holds the chart's rights to it.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "cadence/api/cluster.hpp"
#include "kube/types/apps.hpp"
#include "kube/types/autoscaling.hpp"
#include "kube/types/coordination.hpp"
#include "kube/types/core.hpp"
#include "kube/types/discovery.hpp"
#include "kube/types/networking.hpp"
#include "kube/types/node.hpp"
#include "kube/types/policy.hpp"
#include "kube/types/rbac.hpp"

namespace cadence::kinds {

enum class Role {
  Root,   // users make it, a controller of ours carries it out; its definition is ours
  Child,  // made for a root, in its namespace, with our labels
  Other,  // neither made by us nor labelled
};

enum class Watched {
  All,
  Ours,      // what carries our label
  ByAgents,  // of these, what an agent fills in
};

// Besides get, list and watch, which every kind needs.
struct Rights {
  bool create = false, update = false, patch = false, remove = false;
};

struct Manner {
  Role role = Role::Child;
  Watched watched = Watched::Ours;
  bool is_required = true;   // nothing begins before its cache is whole; else it may be missing for good
  bool is_document = true;   // the picture of a cluster shows it as a document among its children
  bool is_removable = true;  // every one that a cluster manages goes when the spec asks for it no more
  Rights rights{};
  // Of a child that may be missing: the field of the spec that asks for it, and what makes it come; without one, its
  // CustomResourceDefinition does.
  const char* field = nullptr;
  const char* remedy = nullptr;
};

template <class T, Manner kOf>
struct Kind {
  using Object = T;
  static constexpr Manner kManner = kOf;
};

inline constexpr Rights kWhole{.create = true, .patch = true, .remove = true};
inline constexpr Manner kRoot{
    .role = Role::Root, .watched = Watched::All, .is_document = false, .is_removable = false, .rights = {}};
inline constexpr Manner kMade{.rights = kWhole};
// What is in them must be replaced as it was read.
inline constexpr Manner kSecrets{.rights = {.create = true, .update = true, .patch = true, .remove = true}};
// These have rules of their own about when they go, or never go by our hand.
inline constexpr Manner kPods{.is_document = false, .is_removable = false, .rights = kWhole};
inline constexpr Manner kVolumes{.is_removable = false, .rights = {.create = true, .patch = true}};
// Only one of an earlier life of a cluster is removed.
inline constexpr Manner kLeases{.is_removable = false,
                                .rights = {.create = true, .update = true, .patch = true, .remove = true}};
inline constexpr Manner kSlices{.watched = Watched::ByAgents,
                                .is_removable = false,
                                .rights = {.create = true, .update = true, .patch = true, .remove = true}};
// A cluster's affair: an operator that may see only its namespaces works without them, blind to drains.
inline constexpr Manner kNodes{.role = Role::Other,
                               .watched = Watched::All,
                               .is_required = false,
                               .is_document = false,
                               .is_removable = false,
                               .rights = {}};

// Part of every Kubernetes that we support, but API servers can be told to leave it out.
inline constexpr char kAutoscaling[] = "spec.webhook.autoscaling";
inline constexpr char kServeAutoscaling[] = "let the API server serve it (--runtime-config)";
inline constexpr Manner kAutoscalers{
    .is_required = false, .rights = kWhole, .field = kAutoscaling, .remedy = kServeAutoscaling};

using Kinds = std::tuple<Kind<api::CadenceCluster, kRoot>,                          //
                         Kind<kube::types::ConfigMap, kMade>,                       //
                         Kind<kube::types::Deployment, kMade>,                      //
                         Kind<kube::types::EndpointSlice, kSlices>,                 //
                         Kind<kube::types::HorizontalPodAutoscaler, kAutoscalers>,  //
                         Kind<kube::types::Lease, kLeases>,                         //
                         Kind<kube::types::NetworkPolicy, kMade>,                   //
                         Kind<kube::types::Node, kNodes>,                           //
                         Kind<kube::types::PersistentVolumeClaim, kVolumes>,        //
                         Kind<kube::types::Pod, kPods>,                             //
                         Kind<kube::types::PodDisruptionBudget, kMade>,             //
                         Kind<kube::types::Role, kMade>,                            //
                         Kind<kube::types::RoleBinding, kMade>,                     //
                         Kind<kube::types::Secret, kSecrets>,                       //
                         Kind<kube::types::Service, kMade>,                         //
                         Kind<kube::types::ServiceAccount, kMade>,                  //
                         Kind<kube::types::StatefulSet, kMade>>;

struct Entry {
  const kube::core::KindInfo* info = nullptr;
  Manner manner;
};

// The list, for those who need no types.
const std::vector<Entry>& all();

// Null: none of these.
const Entry* find(const kube::core::KindInfo& kind);
bool is_removable(const std::string& kind);

// Whether an object with a cluster's labels is the cluster's own: what another root of ours manages is that one's,
// though it may carry the cluster's labels and be owned by it.
bool belongs_to_cluster(const kube::core::ObjectMeta& object);

}  // namespace cadence::kinds
