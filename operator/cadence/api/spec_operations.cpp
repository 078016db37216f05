#include "cadence/api/spec_operations.hpp"

#include "cadence/api/object_keys.hpp"
#include "cadence/api/patterns.hpp"

namespace cadence::api {

using json::field;

json::Object VolumeDestination::json_fields() {
  return {.name = "VolumeDestination",
          .fields = {field<&VolumeDestination::size>("size", "Size of the volume.").length(1, 32).pattern(kSizePattern),
                     field<&VolumeDestination::storage_class_name>("storageClassName", "Empty: the default class.")
                         .length(0, 253)
                         .pattern(kNamePattern)},
          .rules = {}};
}

json::Object S3Destination::json_fields() {
  return {
      .name = "S3Destination",
      .fields =
          {field<&S3Destination::endpoint>("endpoint", "https address of the object store.").length(1, 2048).required(),
           field<&S3Destination::bucket>("bucket", "Bucket.").length(3, 63).required(),
           field<&S3Destination::prefix>("prefix", "In front of every object's name.").length(0, 512),
           field<&S3Destination::region>("region", "Region.").length(0, 64),
           field<&S3Destination::credentials_secret_ref>("credentialsSecretRef", "Secret with accessKey and secretKey.")
               .length(0, 253)
               .pattern(kNamePattern),
           field<&S3Destination::ca_secret_ref>("caSecretRef", "Secret with ca.crt of the store.")
               .length(0, 253)
               .pattern(kNamePattern)},
      .rules = {}};
}

json::Object BackupDestination::json_fields() {
  return {.name = "BackupDestination",
          .fields = {field<&BackupDestination::persistent_volume_claim>("persistentVolumeClaim",
                                                                        "A volume in this cluster."),
                     field<&BackupDestination::s3>("s3", "An object store.")},
          .rules = {{"!(has(self.persistentVolumeClaim) && has(self.s3))",
                     "name one destination: persistentVolumeClaim or s3", ""}}};
}

json::Object BackupRetention::json_fields() {
  return {.name = "BackupRetention",
          .fields = {field<&BackupRetention::keep_daily>("keepDaily", "Daily backups kept.").range(1, 366),
                     field<&BackupRetention::keep_weekly>("keepWeekly", "Weekly backups kept.").range(0, 520),
                     field<&BackupRetention::keep_monthly>("keepMonthly", "Monthly backups kept.").range(0, 120)},
          .rules = {}};
}

json::Object BackupVerify::json_fields() {
  return {.name = "BackupVerify",
          .fields = {field<&BackupVerify::schedule>("schedule",
                                                    "When the newest backup is restored for a test, five fields.")
                         .length(9, 100)
                         .pattern(kCronPattern)},
          .rules = {}};
}

json::Object Encryption::json_fields() {
  return {.name = "Encryption",
          .fields = {field<&Encryption::recipients_secret_ref>("recipientsSecretRef", "Secret with the public keys.")
                         .length(1, 253)
                         .pattern(kNamePattern)
                         .required()},
          .rules = {}};
}

json::Object BackupSpec::json_fields() {
  return {.name = "BackupSpec",
          .fields = {field<&BackupSpec::schedule>("schedule", "When backups are taken, five fields.")
                         .length(9, 100)
                         .pattern(kCronPattern),
                     field<&BackupSpec::time_zone>("timeZone", "Time zone of the schedules.").length(1, 64),
                     field<&BackupSpec::destination>("destination", "Where backups go."),
                     field<&BackupSpec::components>("components", "What is backed up. Empty: Postgres and Redis.")
                         .items(0, 2),
                     field<&BackupSpec::retention>("retention", "What is kept."),
                     field<&BackupSpec::point_in_time>("pointInTime", "Archive WAL where the destination allows it."),
                     field<&BackupSpec::verify>("verify", "Restore drills."),
                     field<&BackupSpec::encryption>("encryption", "Encrypt what leaves the cluster.")},
          .rules = {}};
}

json::Object MonitoringSpec::json_fields() {
  return {
      .name = "MonitoringSpec",
      .fields =
          {field<&MonitoringSpec::enabled>("enabled", "Make monitoring objects where their kinds exist."),
           field<&MonitoringSpec::labels>("labels", "Copied to PodMonitor and PrometheusRule.")
               .items(0, 32)
               .rule(kKeysRule, kKeysMessage),
           field<&MonitoringSpec::namespaces>(
               "namespaces",
               "Namespaces whose Prometheus may scrape: its pods carry the label app.kubernetes.io/name: prometheus.")
               .items(0, 16),
           field<&MonitoringSpec::dashboards>("dashboards", "Make dashboards.")},
      .rules = {}};
}

json::Object RegionSpec::json_fields() {
  return {.name = "RegionSpec",
          .fields = {field<&RegionSpec::name>("name", "This region.").length(1, 63).pattern(kNamePattern).required(),
                     field<&RegionSpec::primary>("primary", "The region that takes writes.")
                         .length(1, 63)
                         .pattern(kNamePattern)
                         .required(),
                     field<&RegionSpec::promotion_token>("promotionToken", "Proof that the old primary gave up.")
                         .length(0, 4096),
                     field<&RegionSpec::peers>("peers", "The other regions.").items(0, 8),
                     field<&RegionSpec::dns>("dns", "Names that follow the primary region."),
                     field<&RegionSpec::failover>("failover", "When and how a region takes over.")},
          .rules = {}};
}

json::Object PodTemplate::json_fields() {
  return {.name = "PodTemplate",
          .fields = {field<&PodTemplate::labels>("labels", "Added to every pod.")
                         .items(0, 32)
                         .rule(kKeysRule, kKeysMessage)
                         .rule(kNoOwnLabelsRule, kNoOwnLabelsMessage),
                     field<&PodTemplate::annotations>("annotations", "Added to every pod.")
                         .items(0, 32)
                         .rule(kKeysRule, kKeysMessage)
                         .rule(kNoOwnAnnotationsRule, kNoOwnAnnotationsMessage),
                     field<&PodTemplate::node_selector>("nodeSelector", "Nodes to run on.")
                         .items(0, 32)
                         .rule(kKeysRule, kKeysMessage),
                     field<&PodTemplate::tolerations>("tolerations", "Taints to bear.").items(0, 32),
                     field<&PodTemplate::affinity>("affinity", "Replaces the operator's own affinity."),
                     field<&PodTemplate::topology_spread_constraints>("topologySpreadConstraints",
                                                                      "Replaces the operator's own spread.")
                         .items(0, 8),
                     field<&PodTemplate::priority_class_name>("priorityClassName", "Priority of every pod.")
                         .length(0, 253)
                         .pattern(kNamePattern)},
          .rules = {}};
}

}  // namespace cadence::api
