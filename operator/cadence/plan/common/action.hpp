// A plan is data: an ordered list of single writes, each with the sentence that becomes log line, event and test text.
// Promises: every prefix of the list leaves a legal state, so it may stop anywhere; secrets never appear in it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "cadence/facts/observation.hpp"
#include "json/value.hpp"
#include "kube/core/meta.hpp"
#include "redis/plan/plan.hpp"

namespace cadence::plan {

// Server-side apply of one object under our field manager.
struct ApplyObject {
  const kube::core::KindInfo* kind = nullptr;
  json::Value document;
  // Of the object that was seen: refused (Conflict) unless it is still that one, because server-side apply would make
  // one that went in between again, of the few fields that are sent. Empty: none was seen; refused where there is one.
  std::string uid = {};
};

// Metadata of an object whose content others write (role labels, the Lease's labels): applied under a field manager of
// its own.
struct LabelObject {
  const kube::core::KindInfo* kind = nullptr;
  json::Value document;
  std::string uid = {};  // as above
};

// Changes these fields of exactly the object that was seen: gives it lost labels back, takes away what others added.
struct PatchObject {
  const kube::core::KindInfo* kind = nullptr;
  std::string name, uid, resource_version;  // refused (Conflict) unless it is still the one that was seen
  json::Value patch;                        // RFC 7386
};

// The Endpoints of a Service, and every EndpointSlice of it but the agents'.
struct PruneSlices {
  std::string service;
};

// The whole object as it was observed, changed: refused (Conflict) unless it is still the one that was seen.
struct ReplaceObject {
  const kube::core::KindInfo* kind = nullptr;
  json::Value document;  // with metadata.resourceVersion
};

// Deletes exactly the object that was observed.
struct DeleteObject {
  const kube::core::KindInfo* kind = nullptr;
  kube::core::ObjectKey key;
  std::string uid, resource_version;
};

// Values that must be made up: the recipe is public, what comes of it lives in the Secret alone.
struct SecretRecipe {
  struct Passwords {
    std::map<std::string, std::size_t> length_by_key;
    std::map<std::string, std::string> fixed;
    std::set<std::string> kept = {};  // keys whose passwords stay as they are
    // keys that hold a password in each line: the first one is used, all of them are good
    std::set<std::string> stacked = {};
  };
  struct Authority {
    std::string trusted;  // certificates (PEM) of authorities that signed what is in use, and can sign no more
  };
  struct Certificate {
    std::string authority;  // Secret with tls.crt and tls.key
    std::string common_name;
    std::vector<std::string> dns_names;
  };
  struct Application {  // a PostgreSQL role and how to connect with it
    std::string authority, username, database, host;
    std::string previous = {};  // the login in force, whose password is lost: it stays good for a while
  };
  struct Copy {               // of a pair that the user gave, judged fit before it gets here
    std::string source;       // Secret with tls.crt and tls.key
    std::string certificate;  // the mark of the tls.crt that was judged
  };
  struct StandIn {  // all that another Secret holds (plan/stand_ins.hpp)
    std::string source;
  };
  std::string name;
  json::Value metadata;  // labels, owner
  std::variant<Passwords, Authority, Certificate, Application, Copy, StandIn> content;
  std::string replaces_resource_version;  // empty: the Secret must not exist
};

struct MakeSecret {
  SecretRecipe recipe;
};

// One stage of a rotation (plan/secrets/rotation.hpp): what it makes of the Secret is decided where keys and passwords
// may be seen.
struct ChangeSecret {
  enum class Kind {
    PrepareAuthority,
    AdoptAuthority,
    SwitchAuthority,
    DropAuthority,
    Trust,
    PrepareLogin,
    SwitchLogin,
    RetireLogin,
    FitUri
  };
  Kind kind = Kind::Trust;
  std::string name, resource_version;  // refused (Conflict) unless the Secret is still the one that was seen
  std::string authority;               // the Secret of the cluster's own authority
  std::string trusted = {};            // AdoptAuthority: certificates (PEM) that go on being trusted beside it
};

struct RunRedis {
  redis::plan::Command command;
};

using Step = std::variant<ApplyObject, LabelObject, PatchObject, PruneSlices, ReplaceObject, DeleteObject, MakeSecret,
                          ChangeSecret, RunRedis>;

struct Action {
  Step step;
  facts::ChildId object;
  std::string reason;     // CamelCase, for the event: Created, Restored, Updated, Removed, …
  std::string why;        // "Created Deployment cadence-webhook", past tense
  std::string hint = {};  // not empty: nothing waits where it is refused; what the user can do about that
  // not empty: the same, and what can be done lies in what was said (refusals.hpp) and this field of the spec
  std::string field = {};
  // What waits for what, once a write without hint and field was refused (dependence.hpp).
  bool is_disruptive = false;  // removes, restarts or hands over
  std::string component = {};  // by its label; empty: all of them may need it
  std::vector<facts::ChildId> made_of = {};
};

// A component that this version does not have; its own condition says so.
struct Gap {
  std::string component;  // Backup, Region
  std::string message;
};

inline constexpr const char* kNotImplemented = "NotImplemented";      // this version cannot do it
inline constexpr const char* kNameTaken = "NameTaken";                // somebody else's object bears a name of ours
inline constexpr const char* kSecretMissing = "SecretMissing";        // not before the user brings it
inline constexpr const char* kCertificateUnfit = "CertificateUnfit";  // the user's pair serves nobody
// What an objection to an entry of spec.webhook.feedback begins with.
inline constexpr const char* kFeedbackField = "spec.webhook.feedback[";
// The same of spec.webhook.reconcileDeliveries.
inline constexpr const char* kReconcileField = "spec.webhook.reconcileDeliveries[";
// What an objection to spec.webhook.tracing begins with.
inline constexpr const char* kTracingField = "spec.webhook.tracing.";

// A part of the spec that cannot be carried out as things are; the rest is. Said in condition Degraded.
struct Objection {
  std::string reason;   // NotImplemented, InvalidSpec, SwitchoverRefused, VolumeNotExpandable, …
  std::string message;  // field, reason and next step, whole sentences
};

struct Plan {
  std::vector<Action> actions;
  // So many of them come first: once one of these is carried out the others wait for another look.
  std::size_t first = 0;
  std::vector<json::Value> invalid;  // {path, problem} of a spec that cannot be carried out: nothing is changed then
  std::vector<Gap> gaps;
  std::vector<Objection> objections;
  // by component: why the change that the spec asks of it is not carried out yet
  std::map<std::string, Objection> held;
  std::string postgres_recovery;   // what of an earlier database is brought back, or waited for; empty: nothing
  std::string postgres_operation;  // what is being done to PostgreSQL, or waited for; empty: nothing
  std::string redis_operation;     // what Redis waits for or does now
  std::optional<std::chrono::milliseconds> requeue_after;
  std::string requeue_reason;
};

std::string to_text(const Plan& plan);
// What one planner makes, behind what others made.
void add(Plan& plan, Plan part);
// The plan is made again after `delay` at the latest.
void look_again(Plan& plan, std::chrono::milliseconds delay, const std::string& reason);

}  // namespace cadence::plan
