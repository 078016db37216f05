// Every annotation of objects that the operator writes or reads, but for those of the PostgreSQL Lease, which are the
// agents' language (postgres/rules/lease_rules.hpp). Pure; knows nothing of who reads them.
#pragma once

namespace cadence::names {

// On what we apply: the fingerprint of the last intent. A field that we no longer set shows only there.
inline constexpr const char* kIntentAnnotation = "cadence.noslop.tech/intent";
// On pod templates: a change means "roll them".
inline constexpr const char* kConfigHash = "cadence.noslop.tech/config-hash";
// On the webhook Deployment: the replicas that the operator last set. Absent: they are an autoscaler's.
inline constexpr const char* kReplicasAnnotation = "cadence.noslop.tech/replicas";
// On the webhook Deployment: "NAME=UID,…", the Secrets, the user's too, that pods mount under their own names.
inline constexpr const char* kMountedAnnotation = "cadence.noslop.tech/mounted-secrets";
// On a Service that shall have no selector and had one for a while: when it was taken away. The slices that Kubernetes
// made meanwhile stay by themselves, so they are removed as long as this stands.
inline constexpr const char* kHadSelectorAnnotation = "cadence.noslop.tech/had-selector";
// On a PostgreSQL pod, "HASH TIME": writing it makes the kubelet look at the pod's mounts at once.
inline constexpr const char* kConfigurationAnnotation = "cadence.noslop.tech/configuration";
// On the template of load balancers: when their ServiceAccount was made, where earlier pods began with another one.
inline constexpr const char* kAccountAnnotation = "cadence.noslop.tech/account-made";
// On a load balancer's pod: when the certificate changed that it was last told of; works like the one above.
inline constexpr const char* kCertificateAnnotation = "cadence.noslop.tech/certificate-of";
// On the Lease, ours alone: the last spec.postgres.switchoverTo that was reached.
inline constexpr const char* kSwitchoverDoneAnnotation = "cadence.noslop.tech/switchover-done";

// On Secrets.
inline constexpr const char* kRotateAnnotation = "cadence.noslop.tech/rotate";    // the user's: do it for this value
inline constexpr const char* kRotatedAnnotation = "cadence.noslop.tech/rotated";  // ours: done for this value
// "prepared TIME", "adopted TIME", "switched TIME", "replaced TIME"; absent: no rotation is under way
inline constexpr const char* kStageAnnotation = "cadence.noslop.tech/rotation";
// On leaves: when they were last given the authorities to trust.
inline constexpr const char* kTrustedAnnotation = "cadence.noslop.tech/trusted-since";
// On one that was made in the place of another, every event of which was heard: that one's UID.
inline constexpr const char* kInPlaceOfAnnotation = "cadence.noslop.tech/in-place-of";
// On copies: the Secret that they were made of; on that of the user's pair also when it was copied.
inline constexpr const char* kCopyOfAnnotation = "cadence.noslop.tech/copy-of";
inline constexpr const char* kCopiedAtAnnotation = "cadence.noslop.tech/copied-at";

}  // namespace cadence::names
