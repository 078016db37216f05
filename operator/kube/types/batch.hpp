// Job and CronJob, with only the fields we set or read.
#pragma once

#include "kube/types/apps.hpp"

namespace cadence::kube::types {

struct JobSpec {
  PodTemplateSpec template_;
  std::optional<std::int32_t> backoff_limit, ttl_seconds_after_finished;
  std::optional<std::int64_t> active_deadline_seconds;
  std::optional<bool> suspend;
  static json::Object json_fields();
};

struct JobStatus {
  std::int32_t active = 0, succeeded = 0, failed = 0;
  std::string start_time, completion_time;
  std::vector<WorkloadCondition> conditions;
  static json::Object json_fields();
};

struct Job {
  core::ObjectMeta metadata;
  JobSpec spec;
  JobStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

// How a Job ended; pods that fail before the last attempt end nothing.
enum class JobEnd { None, Complete, Failed };
JobEnd end_of(const Job& job);

struct JobTemplateSpec {
  core::ObjectMeta metadata;
  JobSpec spec;
  static json::Object json_fields();
};

struct CronJobSpec {
  std::string schedule, time_zone, concurrency_policy;
  std::optional<bool> suspend;
  std::optional<std::int64_t> starting_deadline_seconds;
  JobTemplateSpec job_template;
  std::optional<std::int32_t> successful_jobs_history_limit, failed_jobs_history_limit;
  static json::Object json_fields();
};

struct CronJobStatus {
  std::string last_schedule_time, last_successful_time;
  static json::Object json_fields();
};

struct CronJob {
  core::ObjectMeta metadata;
  CronJobSpec spec;
  CronJobStatus status;
  static const core::KindInfo& kind_info();
  static json::Object json_fields();
};

}  // namespace cadence::kube::types
