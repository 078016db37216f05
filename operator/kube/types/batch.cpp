#include "kube/types/batch.hpp"

namespace cadence::kube::types {

using json::field;

json::Object JobSpec::json_fields() {
  return {.name = "JobSpec",
          .fields = {field<&JobSpec::template_>("template"), field<&JobSpec::backoff_limit>("backoffLimit"),
                     field<&JobSpec::ttl_seconds_after_finished>("ttlSecondsAfterFinished"),
                     field<&JobSpec::active_deadline_seconds>("activeDeadlineSeconds"),
                     field<&JobSpec::suspend>("suspend")},
          .rules = {}};
}

json::Object JobStatus::json_fields() {
  return {
      .name = "JobStatus",
      .fields = {field<&JobStatus::active>("active").omit_zero(), field<&JobStatus::succeeded>("succeeded").omit_zero(),
                 field<&JobStatus::failed>("failed").omit_zero(), field<&JobStatus::start_time>("startTime"),
                 field<&JobStatus::completion_time>("completionTime"), field<&JobStatus::conditions>("conditions")},
      .rules = {}};
}

const core::KindInfo& Job::kind_info() {
  static const core::KindInfo info{.group = "batch", .version = "v1", .kind = "Job", .plural = "jobs"};
  return info;
}

json::Object Job::json_fields() {
  return {.name = "Job",
          .fields = {field<&Job::metadata>("metadata"), field<&Job::spec>("spec"), field<&Job::status>("status")},
          .rules = {}};
}

JobEnd end_of(const Job& job) {
  for (const auto& condition : job.status.conditions) {
    if (condition.status != "True") continue;
    if (condition.type == "Complete") return JobEnd::Complete;
    if (condition.type == "Failed") return JobEnd::Failed;
  }
  return JobEnd::None;
}

json::Object JobTemplateSpec::json_fields() {
  return {.name = "JobTemplateSpec",
          .fields = {field<&JobTemplateSpec::metadata>("metadata"), field<&JobTemplateSpec::spec>("spec")},
          .rules = {}};
}

json::Object CronJobSpec::json_fields() {
  using Spec = CronJobSpec;
  return {.name = "CronJobSpec",
          .fields = {field<&Spec::schedule>("schedule"), field<&Spec::time_zone>("timeZone"),
                     field<&Spec::concurrency_policy>("concurrencyPolicy"), field<&Spec::suspend>("suspend"),
                     field<&Spec::starting_deadline_seconds>("startingDeadlineSeconds"),
                     field<&Spec::job_template>("jobTemplate"),
                     field<&Spec::successful_jobs_history_limit>("successfulJobsHistoryLimit"),
                     field<&Spec::failed_jobs_history_limit>("failedJobsHistoryLimit")},
          .rules = {}};
}

json::Object CronJobStatus::json_fields() {
  return {.name = "CronJobStatus",
          .fields = {field<&CronJobStatus::last_schedule_time>("lastScheduleTime"),
                     field<&CronJobStatus::last_successful_time>("lastSuccessfulTime")},
          .rules = {}};
}

const core::KindInfo& CronJob::kind_info() {
  static const core::KindInfo info{.group = "batch", .version = "v1", .kind = "CronJob", .plural = "cronjobs"};
  return info;
}

json::Object CronJob::json_fields() {
  return {.name = "CronJob",
          .fields = {field<&CronJob::metadata>("metadata"), field<&CronJob::spec>("spec"),
                     field<&CronJob::status>("status")},
          .rules = {}};
}

}  // namespace cadence::kube::types
