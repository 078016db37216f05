// The routes of the OpenAPI document.
#include "api/openapi.hpp"

namespace cadence::api {

const std::string_view kPaths = R"yaml(
/webhook:
  post:
    tags: [deliveries]
    operationId: receive
    summary: Take a delivery; its headers tell whose it is.
    security: []
    requestBody:
      required: true
      content:
        application/json: {schema: {type: object}}
        application/x-www-form-urlencoded: {schema: {type: object}}
    responses:
      "200":
        description: Nothing to analyse.
        content: {application/json: {schema: {$ref: "#/components/schemas/Ignored"}}}
      "202":
        description: Stored.
        content: {application/json: {schema: {$ref: "#/components/schemas/Accepted"}}}
      "400": {$ref: "#/components/responses/Error"}
      "401": {$ref: "#/components/responses/Error"}
      "413": {$ref: "#/components/responses/Error"}
      "503": {$ref: "#/components/responses/Busy"}
/api/analyze/repository:
  post:
    tags: [analyses]
    operationId: analyze_repository
    summary: Ask for the analysis of a repository.
    security: [{token: []}, {}]
    requestBody:
      required: true
      content:
        application/json:
          schema:
            type: object
            properties:
              repository_url: {type: string, maxLength: 2048}
              url: {type: string, maxLength: 2048, description: Another name of repository_url.}
              branch: {type: string, maxLength: 255}
    responses: &asked
      "202":
        description: Stored.
        content: {application/json: {schema: {$ref: "#/components/schemas/Accepted"}}}
      "400": {$ref: "#/components/responses/Error"}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "413": {$ref: "#/components/responses/Error"}
      "429": {$ref: "#/components/responses/Busy"}
      "503": {$ref: "#/components/responses/Busy"}
/api/analyze/website:
  post:
    tags: [analyses]
    operationId: analyze_website
    summary: Ask for the analysis of a web page.
    security: [{token: []}, {}]
    requestBody:
      required: true
      content:
        application/json:
          schema: {type: object, required: [url], properties: {url: {type: string, maxLength: 2048}}}
    responses: *asked
/api/stream/repository:
  post:
    tags: [analyses]
    operationId: stream_repository
    summary: The same, and be told of it while it goes on.
    security: [{token: []}, {}]
    requestBody:
      required: true
      content:
        application/json:
          schema:
            type: object
            properties: {repository_url: {type: string}, url: {type: string}, branch: {type: string}}
    responses: &streamed
      "200":
        description: Events progress, detection, and one result or error.
        headers: {X-Job-ID: {schema: {type: string, format: uuid}}}
        content: {text/event-stream: {schema: {type: string}}}
      "400": {$ref: "#/components/responses/Error"}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "429": {$ref: "#/components/responses/Busy"}
      "503": {$ref: "#/components/responses/Busy"}
  get:
    tags: [analyses]
    operationId: watch_repository
    summary: The same for EventSource; events have no names and say in their data what they are.
    security: [{token: []}, {}]
    parameters:
    - {name: url, in: query, required: true, schema: {type: string}}
    - {name: branch, in: query, schema: {type: string}}
    - {name: events, in: query, schema: {enum: [named]}, description: As those of the POST.}
    responses: *streamed
/api/stream/website:
  post:
    tags: [analyses]
    operationId: stream_website
    summary: The same, and be told of it while it goes on.
    security: [{token: []}, {}]
    requestBody:
      required: true
      content: {application/json: {schema: {type: object, properties: {url: {type: string}}}}}
    responses: *streamed
  get:
    tags: [analyses]
    operationId: watch_website
    summary: The same for EventSource; events have no names and say in their data what they are.
    security: [{token: []}, {}]
    parameters:
    - {name: url, in: query, required: true, schema: {type: string}}
    - {name: events, in: query, schema: {enum: [named]}, description: As those of the POST.}
    responses: *streamed
/jobs:
  get:
    tags: [jobs]
    operationId: list_jobs
    summary: The newest jobs.
    security: [{token: []}, {}]
    parameters:
    - {name: limit, in: query, schema: {type: integer, default: 50, maximum: 1000}}
    - {name: offset, in: query, schema: {type: integer, default: 0, maximum: 100000}}
    - {name: status, in: query, schema: {$ref: "#/components/schemas/Status"}}
    - {name: repo, in: query, schema: {type: string}, description: Short or full name.}
    - {name: format, in: query, schema: {enum: [array]}, description: Only the list.}
    responses:
      "200":
        description: Newest first.
        content: {application/json: {schema: {$ref: "#/components/schemas/Jobs"}}}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "503": {$ref: "#/components/responses/Busy"}
/jobs/{id}:
  get:
    tags: [jobs]
    operationId: get_job
    summary: A job with its result.
    security: [{token: []}, {}]
    parameters: &of_job
    - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    responses:
      "200":
        description: The job.
        content: {application/json: {schema: {$ref: "#/components/schemas/Job"}}}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "404": {$ref: "#/components/responses/Error"}
      "503": {$ref: "#/components/responses/Busy"}
/api/results/{id}:
  get:
    tags: [jobs]
    operationId: get_result
    summary: A job's result, flat, in every state of the job.
    security: [{token: []}, {}]
    parameters: *of_job
    responses:
      "200":
        description: The result.
        content: {application/json: {schema: {$ref: "#/components/schemas/FlatResult"}}}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "404": {$ref: "#/components/responses/Error"}
      "503": {$ref: "#/components/responses/Busy"}
/api/metrics:
  get:
    tags: [operations]
    operationId: get_statistics
    summary: What this replica has done since its start.
    security: [{token: []}, {}]
    responses:
      "200":
        description: Figures.
        content: {application/json: {schema: {$ref: "#/components/schemas/Statistics"}}}
/api/plugins:
  get:
    tags: [operations]
    operationId: list_plugins
    summary: Detection plugins; there are none.
    security: [{token: []}, {}]
    responses:
      "200":
        description: The list.
        content: {application/json: {schema: {$ref: "#/components/schemas/Plugins"}}}
/api/cache/stats:
  get:
    tags: [operations]
    operationId: get_cache
    summary: What the cache that replicas share holds, and how often this replica found something there.
    security: [{token: []}, {}]
    responses:
      "200":
        description: Figures.
        content: {application/json: {schema: {$ref: "#/components/schemas/Cache"}}}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "503": {$ref: "#/components/responses/Busy"}
/api/cache/clear:
  post:
    tags: [operations]
    operationId: clear_cache
    summary: Empties the cache that replicas share, for all of them.
    security: [{token: []}, {}]
    responses:
      "200":
        description: Done.
        content: {application/json: {schema: {$ref: "#/components/schemas/Cleared"}}}
      "401": {$ref: "#/components/responses/Error"}
      "403": {$ref: "#/components/responses/Error"}
      "503": {$ref: "#/components/responses/Busy"}
/api/openapi.json:
  get:
    tags: [operations]
    operationId: get_openapi
    summary: This document.
    security: []
    responses:
      "200":
        description: OpenAPI 3.1.
        content: {application/json: {schema: {type: object}}}
/health:
  get:
    tags: [operations]
    operationId: get_health
    summary: Whether the server takes deliveries; never looks at the job store.
    security: []
    responses:
      "200":
        description: Yes.
        content: {application/json: {schema: {$ref: "#/components/schemas/Health"}}}
      "503":
        description: It is shutting down.
        content: {application/json: {schema: {$ref: "#/components/schemas/Health"}}}
/readyz:
  get:
    tags: [operations]
    operationId: get_readiness
    summary: The same, for the kubelet.
    security: []
    responses: &word
      "200": {description: "Yes.", content: {text/plain: {schema: {type: string}}}}
      "503": {description: "No.", content: {text/plain: {schema: {type: string}}}}
/livez:
  get:
    tags: [operations]
    operationId: get_liveness
    summary: Whether the process lives.
    security: []
    responses: *word
/ready/deep:
  get:
    tags: [operations]
    operationId: get_deep_readiness
    summary: Whether the job store answers; for people.
    security: [{token: []}, {}]
    responses:
      "200":
        description: It does.
        content: {application/json: {schema: {$ref: "#/components/schemas/DeepReadiness"}}}
      "503":
        description: It does not.
        content: {application/json: {schema: {$ref: "#/components/schemas/DeepReadiness"}}}
/version:
  get:
    tags: [operations]
    operationId: get_version
    summary: The version of the program.
    security: []
    responses:
      "200":
        description: The version.
        content: {application/json: {schema: {$ref: "#/components/schemas/Version"}}}
/metrics:
  get:
    tags: [operations]
    operationId: get_metrics
    summary: Prometheus text; inside the cluster only.
    security: []
    responses:
      "200":
        description: Exposition format 0.0.4.
        content: {text/plain: {schema: {type: string}}}
/metrics/store:
  get:
    tags: [operations]
    operationId: get_store_state
    summary: Why the job store does not take what is to be written; inside the cluster only.
    security: []
    responses:
      "200":
        description: Its state.
        content: {application/json: {schema: {$ref: "#/components/schemas/StoreState"}}}
/pages:
  get:
    tags: [pages]
    operationId: show_jobs
    summary: Queue and recent jobs.
    security: &reader [{session: []}, {token: []}, {}]
    responses: &page
      "200": {description: A page., content: {text/html: {schema: {type: string}}}}
      "303": {description: The way to sign in.}
      "503": {description: The job store is away., content: {text/html: {schema: {type: string}}}}
/pages/jobs/{id}:
  get:
    tags: [pages]
    operationId: show_job
    summary: A job with its report.
    security: *reader
    parameters: &of_link
    - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    - {name: until, in: query, schema: {type: integer}, description: "Of a signed link, which opens this job only."}
    - {name: signature, in: query, schema: {type: string}}
    responses: &job_page
      "200": {description: A page., content: {text/html: {schema: {type: string}}}}
      "303": {description: The way to sign in.}
      "403": {description: The link opens nothing., content: {text/html: {schema: {type: string}}}}
      "404": {description: There is no such job., content: {text/html: {schema: {type: string}}}}
      "410": {description: The link is over., content: {text/html: {schema: {type: string}}}}
      "503": {description: The job store is away., content: {text/html: {schema: {type: string}}}}
/pages/jobs/{id}/report:
  get:
    tags: [pages]
    operationId: show_report
    summary: The report by itself.
    security: *reader
    parameters: *of_link
    responses: *job_page
/pages/repositories:
  get:
    tags: [pages]
    operationId: show_repositories
    summary: A repository's verdicts over time, or which repositories there are.
    security: *reader
    parameters:
    - {name: name, in: query, schema: {type: string}}
    - {name: offset, in: query, schema: {type: integer}}
    responses: *page
/pages/deliveries:
  get:
    tags: [pages]
    operationId: show_deliveries
    summary: What providers have sent and this server has not.
    security: *reader
    responses: *page
/pages/sign-in:
  get: {tags: [pages], operationId: show_sign_in, summary: The form., security: [], responses: *page}
  post:
    tags: [pages]
    operationId: sign_in
    summary: A session for a token that may read.
    security: []
    requestBody:
      required: true
      content:
        application/x-www-form-urlencoded:
          schema: {type: object, required: [token], properties: {token: {type: string}, next: {type: string}}}
    responses: &form
      "303": {description: Done.}
      "403": {description: The form again., content: {text/html: {schema: {type: string}}}}
/pages/sign-out:
  post:
    tags: [pages]
    operationId: sign_out
    summary: The browser forgets its session.
    security: []
    responses: *form
/pages/style.css:
  get:
    tags: [pages]
    operationId: get_style
    summary: Of all pages.
    security: []
    responses: &file {"200": {description: The file.}}
/pages/script.js:
  get: {tags: [pages], operationId: get_script, summary: Of all pages., security: [], responses: *file}
/pages/icon.svg:
  get: {tags: [pages], operationId: get_icon, summary: Of all pages., security: [], responses: *file}
)yaml";

}  // namespace cadence::api
