// The values of the OpenAPI document.
#include "api/openapi.hpp"

namespace cadence::api {

const std::string_view kSchemas = R"yaml(
securitySchemes:
  token: {type: http, scheme: bearer, description: "Where webhook.api.access is token; some only read, some only ask."}
  session: {type: apiKey, in: cookie, name: cadence, description: "What signing in gives; __Host-cadence over TLS."}
responses:
  Error:
    description: It cannot be done so.
    content: &error
      application/json: {schema: {$ref: "#/components/schemas/Error"}}
      application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}
  Busy:
    description: Not now.
    headers: {Retry-After: {schema: {type: integer}, description: Seconds.}}
    content: *error
schemas:
  Error:
    type: object
    required: [error, code]
    properties:
      error: {type: string, description: For programs.}
      code: {type: string}
      message: {type: string, description: For people.}
  Problem:
    type: object
    required: [error, code, type, title, status]
    properties:
      error: {type: string}
      code: {type: string}
      message: {type: string}
      type: {type: string, format: uri}
      title: {type: string}
      status: {type: integer, minimum: 400, maximum: 599}
      detail: {type: string}
  Status: {enum: [pending, processing, completed, failed]}
  Time: {type: string, format: date-time}
  Ignored:
    type: object
    required: [status, event]
    properties: {status: {const: ignored}, event: {type: string}, reason: {type: string}}
  Accepted:
    type: object
    required: [job_id, status]
    properties:
      job_id: {type: string, format: uuid}
      status: {$ref: "#/components/schemas/Status"}
      spooled: {const: true, description: "Kept on the server's disk until the job store is back."}
  Summary:
    type: object
    properties:
      suspicious_commits: {type: integer}
      overall_suspicion: {type: number, minimum: 0, maximum: 100}
      assessment: {type: string}
  Entry:
    type: object
    required: [id, job_id, status, repo, branch, timestamp, author, created_at]
    properties:
      id: {type: string, format: uuid}
      job_id: {type: string, format: uuid}
      status: {$ref: "#/components/schemas/Status"}
      repo: {type: string}
      branch: {type: string}
      timestamp: {$ref: "#/components/schemas/Time"}
      created_at: {$ref: "#/components/schemas/Time"}
      author: {type: string}
      result: {$ref: "#/components/schemas/Summary"}
  Jobs:
    oneOf:
    - type: object
      required: [total, count_all, jobs]
      properties:
        total: {type: integer, description: Of this answer.}
        count_all: {type: integer, description: Of all that fit.}
        count_is_minimum: {const: true, description: Counting ended there.}
        jobs: {type: array, items: {$ref: "#/components/schemas/Entry"}}
    - {type: array, items: {$ref: "#/components/schemas/Entry"}, description: "With format=array."}
  Job:
    type: object
    required: [id, job_id, status, repo, branch, timestamp, author, error, result, event_type, repo_full_name, commit,
               progress, attempts, replica, updated_at]
    properties:
      id: {type: string, format: uuid}
      job_id: {type: string, format: uuid}
      status: {$ref: "#/components/schemas/Status"}
      repo: {type: string}
      branch: {type: string}
      timestamp: {$ref: "#/components/schemas/Time"}
      author: {type: string}
      error: {type: string, description: Empty where there is none.}
      result: {oneOf: [{type: "null"}, {$ref: "#/components/schemas/Result"}]}
      event_type: {type: string}
      repo_full_name: {type: string}
      commit: {type: string}
      progress: {type: string}
      attempts: {type: integer}
      replica: {type: string}
      updated_at: {$ref: "#/components/schemas/Time"}
  Suspicion:
    type: object
    required: [commit_hash, commit_index, message, severity, reasons, score, confidence]
    properties:
      commit_hash: {type: string}
      commit_index: {type: integer, description: "Place in the history, the newest is 0."}
      message: {type: string}
      severity: {enum: [low, medium, high]}
      reasons: {type: array, items: {type: string}}
      triggered: {type: array, items: {type: string}, description: "The strategies, one for each reason."}
      score: {type: number, minimum: 0, maximum: 100}
      confidence: {type: number, minimum: 0, maximum: 1}
  Pattern:
    type: object
    required: [type, severity, description, passed]
    properties:
      type: {type: string}
      severity: {type: number, minimum: 0, maximum: 1}
      description: {type: string}
      examples: {type: array, items: {type: string}}
      passed: {type: boolean}
  Result:
    description: Members that are zero or empty are left out.
    type: object
    required: [job_id, analyzed_at, started_at, completed_at, duration_ms]
    properties:
      job_id: {type: string}
      started_at: {$ref: "#/components/schemas/Time"}
      completed_at: {$ref: "#/components/schemas/Time"}
      duration_ms: {type: integer}
  FlatResult:
    type: object
    required: [job_id, status, analyzed_at]
    properties:
      job_id: {type: string, format: uuid}
      status: {$ref: "#/components/schemas/Status"}
      error: {type: string}
      progress: {type: string}
  Found:  # becomes a part of the two before it
    properties:
      repo_name: {type: string}
      url: {type: string}
      commit: {type: string, description: The history that ends here.}
      analyzed_at: {$ref: "#/components/schemas/Time"}
      total_commits: {type: integer}
      suspicious_commits: {type: integer}
      suspicions: {type: array, items: {$ref: "#/components/schemas/Suspicion"}}
      velocity: {type: string}
      time_span: {type: string}
      unique_authors: {type: integer}
      average_commit_size: {type: integer}
      overall_suspicion: {type: number, minimum: 0, maximum: 100}
      overall_score: {type: number, minimum: 0, maximum: 1}
      word_count: {type: integer}
      character_count: {type: integer}
      heading_count: {type: integer}
      headings: {type: array, items: {type: string}}
      quality_score: {type: number, minimum: 0, maximum: 1}
      confidence_score: {type: integer, minimum: 0, maximum: 100}
      suspicion_rate: {type: number, minimum: 0, maximum: 1}
      pattern_count: {type: integer}
      assessment: {type: string}
      web_patterns: {type: array, items: {$ref: "#/components/schemas/Pattern"}}
      passed_patterns: {type: array, items: {$ref: "#/components/schemas/Pattern"}}
      items_analyzed: {type: integer}
      items_flagged: {type: integer}
      strategies_used: {type: integer}
      strategies_hit: {type: integer}
      average_score: {type: number, minimum: 0, maximum: 1}
      coverage_rate: {type: number, minimum: 0, maximum: 1}
  Statistics:
    type: object
    required: [collectedAt, uptimeSeconds, avgDurationMs, totalAnalyses, totalErrors, totalDetections, totalFlagged,
               cacheHits, cacheMisses, bySource, byStrategy, errorsByPhase, jobs_total, cache_hits, cache_misses]
    properties:
      collectedAt: {$ref: "#/components/schemas/Time"}
      uptimeSeconds: {type: number}
      avgDurationMs: {type: number}
      totalAnalyses: {type: integer}
      totalErrors: {type: integer}
      totalDetections: {type: integer}
      totalFlagged: {type: integer}
      cacheHits: {type: integer}
      cacheMisses: {type: integer}
      cache_hits: {type: integer}
      cache_misses: {type: integer}
      jobs_total:
        type: object
        required: [completed, failed]
        properties: {completed: {type: integer}, failed: {type: integer}}
      errorsByPhase: {type: object, additionalProperties: {type: integer}}
      bySource:
        type: object
        additionalProperties:
          type: object
          required: [analyses, errors, detections, flagged, totalDurationMs, avgDurationMs, cacheHits, cacheMisses]
          properties:
            analyses: {type: integer}
            errors: {type: integer}
            detections: {type: integer}
            flagged: {type: integer}
            totalDurationMs: {type: number}
            avgDurationMs: {type: number}
            cacheHits: {type: integer}
            cacheMisses: {type: integer}
      byStrategy:
        type: object
        additionalProperties:
          type: object
          required: [executions, detections, totalDurationMs, avgDurationMs]
          properties:
            executions: {type: integer}
            detections: {type: integer}
            totalDurationMs: {const: 0, description: Not measured.}
            avgDurationMs: {const: 0}
  Plugins:
    type: object
    required: [plugins, count]
    properties: {plugins: {type: array, items: {type: object}}, count: {type: integer}}
  Cache:
    type: object
    required: [hits, misses, evictions, size, maxSize, hitRate]
    properties:
      hits: {type: integer}
      misses: {type: integer}
      evictions: {type: integer}
      size: {type: integer}
      maxSize: {type: integer}
      hitRate: {type: number}
  Cleared:
    type: object
    required: [status, cleared]
    properties: {status: {const: cleared}, cleared: {const: true}}
  Health:
    type: object
    required: [status, time, timestamp, uptime_seconds, jobs_processed, active_jobs, queue_depth, version, replica]
    properties:
      status: {enum: [ok, draining]}
      time: {$ref: "#/components/schemas/Time"}
      timestamp: {$ref: "#/components/schemas/Time"}
      uptime_seconds: {type: number}
      jobs_processed: {type: integer}
      active_jobs: {type: integer}
      queue_depth: {type: integer}
      version: {type: string}
      replica: {type: string}
  DeepReadiness:
    type: object
    required: [status, store]
    properties: {status: {enum: [ok, degraded]}, store: {enum: [ok, unavailable]}}
  Version: {type: object, required: [version], properties: {version: {type: string}}}
  StoreState:
    type: object
    required: [up]
    properties:
      up: {type: boolean}
      code: {type: string}
      reason: {type: string}
      hooks:
        type: array
        description: Watched hooks whose deliveries could not be compared, and why; the first five.
        items:
          type: object
          required: [hook, problem]
          properties: {hook: {type: string}, problem: {type: string}}
)yaml";

}  // namespace cadence::api
