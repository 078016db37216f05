#include "kube/client/client.hpp"

#include <algorithm>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "kube/client/status.hpp"
#include "kube/client/target.hpp"

namespace cadence::kube::client {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kJson = "application/json";

// "Could not apply Service demo/web"
std::string attempt_of(const char* verb, const core::KindInfo& kind, const core::ObjectKey& key) {
  return std::string("Could not ") + verb + " " + kind.kind + " " + key.to_string();
}

std::string path_of(const core::KindInfo& kind, const core::ObjectKey& key, std::string_view subresource = {}) {
  std::string out = kind.path(key.namespace_, key.name);
  if (!subresource.empty()) out.append("/").append(subresource);
  return out;
}

// The document with what the server insists on: apiVersion, kind and the name of the path.
json::Value complete(const core::KindInfo& kind, const core::ObjectKey& key, json::Value document) {
  document["apiVersion"] = kind.api_version();
  document["kind"] = kind.kind;
  document["metadata"]["name"] = key.name;
  if (kind.is_namespaced) document["metadata"]["namespace"] = key.namespace_;
  return document;
}

const char* policy_of(Propagation propagation) {
  switch (propagation) {
    case Propagation::Background:
      return "Background";
    case Propagation::Foreground:
      return "Foreground";
    case Propagation::Orphan:
      return "Orphan";
  }
  return "Background";
}

}  // namespace

// One call as data: what to send, and what to say when it fails.
struct Client::Call {
  std::string method, target, attempt;
  std::string content_type{}, body{};
  // A 5xx may come after the write was done: only calls that may be done twice are repeated then.
  bool is_repeatable = true;
  [[nodiscard]] bool is_write() const { return method != "GET"; }
};

Client::Client(std::unique_ptr<net::Transport> transport, std::shared_ptr<ConfigSource> config, Options options)
    : transport_(std::move(transport)), config_(std::move(config)), options_(std::move(options)) {
  if (options_.user_agent.empty()) options_.user_agent = user_agent("cadence");
}
Client::~Client() = default;

Result<net::Response> Client::send_once(const Call& call, std::chrono::milliseconds left, std::stop_token stop,
                                        std::string& used) {
  auto authorization = config_->authorization();
  if (!authorization) return authorization.error();
  used = std::move(authorization).value();
  net::Request request{call.method,
                       config_->path_prefix() + call.target,
                       {{"Accept", kJson}, {"User-Agent", options_.user_agent}},
                       call.body};
  if (!call.content_type.empty()) request.headers.push_back({"Content-Type", call.content_type});
  if (!used.empty()) request.headers.push_back({"Authorization", used});
  // Last thing before sending: a leader that lost its lease meanwhile must not write.
  if (call.is_write() && options_.may_write && !options_.may_write())
    return Error{ErrorKind::Canceled, "no longer allowed to write"};
  const auto begin = std::chrono::steady_clock::now();
  auto answer = transport_->send(request, left, std::move(stop));
  if (options_.observe) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    options_.observe(call.method, answer ? answer->status : 0, took.count());
  }
  return answer;
}

Result<json::Value> Client::run(Call call, std::stop_token stop) {
  const auto until = std::chrono::steady_clock::now() + options_.timeout;
  base::Backoff backoff({.initial = std::chrono::milliseconds(200),
                         .factor = 2.0,
                         .cap = std::chrono::milliseconds(5000),
                         .jitter = 0.5});
  for (int attempt = 1;; ++attempt) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    std::string used;
    auto answer = send_once(call, std::max(left, std::chrono::milliseconds(1)), stop, used);
    // After a transport failure the outcome is unknown: the caller looks again and decides.
    if (!answer) return answer.error().with_context(call.attempt);
    if (answer->status / 100 == 2) {
      if (answer->body.empty()) return json::Value(nullptr);
      auto parsed = json::parse(answer->body);
      if (!parsed)
        return Error{ErrorKind::Transient, call.attempt + ": the answer is not JSON: " + parsed.error().message};
      return parsed;
    }
    auto failure = error_of(*answer, call.attempt);
    auto wait = std::chrono::milliseconds(0);
    if (answer->status == 401) {
      config_->reject(used);
      if (attempt > 1) return failure;  // fresh credentials are refused too
    } else if (answer->status == 429 || (answer->status >= 500 && call.is_repeatable)) {
      const auto asked = retry_after(*answer);
      if (!asked && answer->status != 429 && answer->status != 503 && answer->status != 504) return failure;
      wait = asked ? std::chrono::milliseconds(*asked) : backoff.next();
    } else {
      return failure;
    }
    if (attempt >= options_.max_attempts || std::chrono::steady_clock::now() + wait >= until) return failure;
    if (!base::wait_for(stop, wait)) return Error{ErrorKind::Canceled, call.attempt + ": stopped"};
  }
}

Result<json::Value> Client::get(const core::KindInfo& kind, const core::ObjectKey& key, std::stop_token stop) {
  return run({"GET", path_of(kind, key), attempt_of("read", kind, key)}, std::move(stop));
}

Result<json::Value> Client::get_path(const std::string& target, std::stop_token stop) {
  return run({"GET", target, "Could not read " + std::string(net::path_of(target))}, std::move(stop));
}

Result<json::Value> Client::list(const core::KindInfo& kind, const ListOptions& options, std::stop_token stop) {
  Target target(kind.path(options.namespace_, {}));
  target.with("labelSelector", options.label_selector).with("fieldSelector", options.field_selector);
  target.with("resourceVersion", options.resource_version)
      .with("limit", options.limit > 0 ? std::to_string(options.limit) : "");
  target.with("continue", options.continue_token);
  return run({"GET", target.text(), "Could not list " + kind.plural}, std::move(stop));
}

Result<json::Value> Client::create(const core::KindInfo& kind, const json::Value& object, std::stop_token stop) {
  const core::ObjectKey key{json::string_at(object, {"metadata", "namespace"}),
                            json::string_at(object, {"metadata", "name"})};
  Call call{"POST", kind.path(key.namespace_, {}), attempt_of("create", kind, key), kJson, json::dump(object)};
  call.is_repeatable = false;
  return run(std::move(call), std::move(stop));
}

Result<json::Value> Client::replace(const core::KindInfo& kind, const core::ObjectKey& key, const json::Value& object,
                                    std::stop_token stop) {
  Call call{"PUT", path_of(kind, key), attempt_of("replace", kind, key), kJson, json::dump(object)};
  // A repetition of a write that was done is a Conflict, which tells the truth less well than "unknown".
  call.is_repeatable = false;
  return run(std::move(call), std::move(stop));
}

Result<json::Value> Client::replace_status(const core::KindInfo& kind, const core::ObjectKey& key,
                                           const json::Value& object, std::stop_token stop) {
  Call call{"PUT", path_of(kind, key, "status"), attempt_of("replace the status of", kind, key), kJson,
            json::dump(object)};
  call.is_repeatable = false;
  return run(std::move(call), std::move(stop));
}

// JSON is valid YAML, so one content type serves all servers (KEP-555).
Result<json::Value> Client::apply(const core::KindInfo& kind, const core::ObjectKey& key, const json::Value& document,
                                  std::string_view field_manager, std::stop_token stop) {
  Target target(path_of(kind, key));
  target.with("fieldManager", field_manager).with("force", "true");
  return run({"PATCH", target.text(), attempt_of("apply", kind, key), "application/apply-patch+yaml",
              json::dump(complete(kind, key, document))},
             std::move(stop));
}

Result<json::Value> Client::apply_status(const core::KindInfo& kind, const core::ObjectKey& key,
                                         const json::Value& document, std::string_view field_manager,
                                         std::stop_token stop) {
  Target target(path_of(kind, key, "status"));
  target.with("fieldManager", field_manager).with("force", "true");
  return run({"PATCH", target.text(), attempt_of("apply the status of", kind, key), "application/apply-patch+yaml",
              json::dump(complete(kind, key, document))},
             std::move(stop));
}

Result<json::Value> Client::patch(const core::KindInfo& kind, const core::ObjectKey& key, const json::Value& patch,
                                  PatchType type, std::string_view subresource, std::stop_token stop) {
  const char* content_type = type == PatchType::Merge ? "application/merge-patch+json" : "application/json-patch+json";
  Call call{"PATCH", path_of(kind, key, subresource), attempt_of("patch", kind, key), content_type, json::dump(patch)};
  call.is_repeatable = type == PatchType::Merge;  // a JSON Patch may append
  return run(std::move(call), std::move(stop));
}

Result<void> Client::remove(const core::KindInfo& kind, const core::ObjectKey& key, const Preconditions& preconditions,
                            Propagation propagation, std::stop_token stop) {
  json::Value options{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", policy_of(propagation)}};
  if (!preconditions.uid.empty()) options["preconditions"]["uid"] = preconditions.uid;
  if (!preconditions.resource_version.empty())
    options["preconditions"]["resourceVersion"] = preconditions.resource_version;
  const auto removed =
      run({"DELETE", path_of(kind, key), attempt_of("delete", kind, key), kJson, json::dump(options)}, std::move(stop));
  if (!removed) return removed.error();
  return base::ok();
}

std::string user_agent(std::string_view program) {
#if defined(__aarch64__)
  constexpr const char* kMachine = "arm64";
#else
  constexpr const char* kMachine = "amd64";
#endif
  return std::string(program) + "/" CADENCE_VERSION " (linux/" + kMachine + ")";
}

}  // namespace cadence::kube::client
