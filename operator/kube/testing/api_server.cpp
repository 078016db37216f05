#include "kube/testing/api_server.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::kube::testing {
namespace {

constexpr std::int64_t kDefaultGrace = 30;

json::Value without_managers(const json::Value& object) {
  auto out = object;
  out["metadata"].erase("resourceVersion");
  return out;
}

std::string name_of(const Kind& kind) { return core::full_name(kind.info); }

net::Response not_found(const Kind& kind, const std::string& name) {
  return refusal(404, "NotFound", name_of(kind) + " \"" + name + "\" not found",
                 {{"name", name}, {"group", kind.info.group}, {"kind", kind.info.plural}});
}

net::Response conflict(const Kind& kind, const std::string& name, const std::string& why) {
  return refusal(409, "Conflict", "Operation cannot be fulfilled on " + name_of(kind) + " \"" + name + "\": " + why,
                 {{"name", name}, {"group", kind.info.group}, {"kind", kind.info.plural}});
}

net::Response invalid(const Kind& kind, const std::string& name, const std::string& field, const std::string& why) {
  const auto problem = field + ": " + why;
  return refusal(
      422, "Invalid", kind.info.kind + " \"" + name + "\" is invalid: " + problem,
      {{"causes", json::Value::array({{{"reason", "FieldValueInvalid"}, {"message", why}, {"field", field}}})}});
}

bool changes_content(const json::Value& before, const json::Value& after) {
  auto a = before, b = after;
  for (auto* object : {&a, &b}) {
    object->erase("metadata");
    object->erase("status");
  }
  return a != b;
}

bool is_going(const json::Value& object) { return object.at("metadata").contains("deletionTimestamp"); }

bool is_held(const json::Value& object) {
  const auto& finalizers = json::at_path(object, {"metadata", "finalizers"});
  return finalizers.is_array() && !finalizers.empty();
}

bool has_new_finalizer(const json::Value& before, const json::Value& after) {
  const auto& held = json::at_path(before, {"metadata", "finalizers"});
  const auto& wanted = json::at_path(after, {"metadata", "finalizers"});
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const auto& one) { return std::find(held.begin(), held.end(), one) == held.end(); });
}

// A pod that a kubelet runs ends in its own time.
std::int64_t grace_of(const Kind& kind, const json::Value& object, const json::Value& options) {
  const auto phase = json::string_at(object, {"status", "phase"});
  if (kind.info.kind != "Pod" || json::string_at(object, {"spec", "nodeName"}).empty() || phase == "Failed" ||
      phase == "Succeeded")
    return 0;
  const auto& asked = json::at_path(options, {"gracePeriodSeconds"});
  const auto& own = json::at_path(object, {"spec", "terminationGracePeriodSeconds"});
  return asked.is_number_integer() ? asked.get<std::int64_t>()
         : own.is_number_integer() ? own.get<std::int64_t>()
                                   : kDefaultGrace;
}

}  // namespace

net::Response refusal(int code, const std::string& reason, const std::string& message, json::Value details) {
  const json::Value status{
      {"kind", "Status"},   {"apiVersion", "v1"}, {"metadata", json::Value::object()}, {"status", "Failure"},
      {"message", message}, {"reason", reason},   {"details", std::move(details)},     {"code", code}};
  return net::json_response(code, json::dump(status));
}

struct ApiServer::Call {
  const net::Request& request;
  Route route;
  std::string manager;
  json::Value body;
  [[nodiscard]] const Kind& kind() const { return *route.kind; }
  [[nodiscard]] const std::string& name() const { return route.key.name; }
  [[nodiscard]] std::string query(const char* what) const { return net::query_value(request.target, what); }
};

ApiServer::ApiServer(const base::Clock& clock, std::vector<core::KindInfo> custom)
    : clock_(clock), kinds_(built_in_kinds()) {
  for (auto& info : custom) kinds_.push_back(custom_kind(std::move(info)));
}

const Kind* ApiServer::kind_of(const std::string& plural) const {
  const auto found = std::find_if(kinds_.begin(), kinds_.end(),
                                  [&](const Kind& kind) { return core::full_name(kind.info) == plural; });
  return found == kinds_.end() || absent_.contains(plural) ? nullptr : &*found;
}

std::optional<Route> ApiServer::route(const std::string& target) const {
  auto parts = base::split(std::string(net::path_of(target)), '/');
  std::erase(parts, "");
  for (auto& part : parts) part = net::percent_decode(part);
  const bool is_core = !parts.empty() && parts[0] == "api";
  const std::size_t head = is_core ? 2 : 3;
  if (parts.size() <= head || (!is_core && parts[0] != "apis")) return std::nullopt;
  const auto group = is_core ? "" : parts[1], version = parts[head - 1];
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(head));
  Route out;
  if (parts.size() >= 3 && parts[0] == "namespaces" && parts[2] != "status") {
    out.key.namespace_ = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  for (const auto& kind : kinds_) {
    if (kind.info.group == group && kind.info.version == version && kind.info.plural == parts[0]) out.kind = &kind;
  }
  if (out.kind == nullptr || absent_.contains(name_of(*out.kind)) || parts.size() > 3) return std::nullopt;
  if (parts.size() > 1) out.key.name = parts[1];
  if (parts.size() > 2) out.subresource = parts[2];
  return out;
}

net::Response ApiServer::answer(const net::Request& request) {
  const std::lock_guard lock(mutex_);
  const auto route = this->route(request.target);
  if (!route || (!route->subresource.empty() && (route->subresource != "status" || !route->kind->has_status)))
    return refusal(404, "NotFound", "the server could not find the requested resource");
  Call call{request, *route, net::query_value(request.target, "fieldManager"), nullptr};
  const auto agent = net::find_header(request.headers, "User-Agent");
  if (call.manager.empty()) call.manager = std::string(agent.substr(0, agent.find('/')));
  if (!request.body.empty()) {
    auto body = json::parse(request.body);
    if (!body || !body->is_structured()) return refusal(400, "BadRequest", "the body of the request is no object");
    call.body = std::move(*body);
  }
  if (request.method == "GET") return get(call);
  const bool is_collection = call.name().empty();
  if (request.method == "POST" && is_collection) return create(call);
  if (is_collection)
    return refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
  if (request.method == "PUT") return replace(call);
  if (request.method == "PATCH") return patch(call);
  if (request.method == "DELETE") return remove(call);
  return refusal(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}

net::Response ApiServer::get(const Call& call) const {
  const auto& kind = call.kind();
  if (!call.name().empty()) {
    const auto found = objects_.find(call.route.id());
    return found ? net::json_response(200, json::dump(*found)) : not_found(kind, call.name());
  }
  const auto asked = base::parse_integer(call.query("resourceVersion"));
  if (asked && *asked > static_cast<std::int64_t>(objects_.version()))
    return refusal(504, "Timeout", "Too large resource version: " + std::to_string(*asked),
                   {{"causes", json::Value::array({{{"reason", "ResourceVersionTooLarge"}}})}});
  const Selectors selectors{call.query("labelSelector"), call.query("fieldSelector")};
  auto items = json::Value::array();
  for (const auto& object : objects_.list(core::full_name(kind.info), call.route.key.namespace_)) {
    if (selectors.takes(*object)) items.push_back(*object);
  }
  return net::json_response(200, json::dump({{"kind", kind.info.kind + "List"},
                                             {"apiVersion", kind.info.api_version()},
                                             {"metadata", {{"resourceVersion", std::to_string(objects_.version())}}},
                                             {"items", std::move(items)}}));
}

net::Response ApiServer::create(const Call& call) {
  const auto& kind = call.kind();
  const auto name = json::string_at(call.body, {"metadata", "name"});
  if (name.empty()) return invalid(kind, "", "metadata.name", "Required value: name or generateName is required");
  const auto space = json::string_at(call.body, {"metadata", "namespace"});
  if (!space.empty() && space != call.route.key.namespace_)
    return refusal(400, "BadRequest",
                   "the namespace of the provided object does not match the namespace sent on the request");
  if (objects_.find({core::full_name(kind.info), {call.route.key.namespace_, name}}))
    return refusal(409, "AlreadyExists", name_of(kind) + " \"" + name + "\" already exists");
  if (!json::string_at(call.body, {"metadata", "resourceVersion"}).empty())
    return refusal(500, "InternalError", "resourceVersion should not be set on objects to be created");
  auto object = call.body;
  object["metadata"].erase("managedFields");
  if (kind.has_status) object.erase("status");
  Call named = call;
  named.route.key.name = name;
  return made(named, track(kind, nullptr, std::move(object), {call.manager}, base::format_rfc3339(clock_.wall())));
}

// With what the server alone decides.
net::Response ApiServer::made(const Call& call, json::Value object) {
  const auto& kind = call.kind();
  object["apiVersion"] = kind.info.api_version();
  object["kind"] = kind.info.kind;
  auto& metadata = object["metadata"];
  metadata["name"] = call.name();
  if (kind.info.is_namespaced) metadata["namespace"] = call.route.key.namespace_;
  metadata["uid"] = objects_.next_uid();
  metadata["creationTimestamp"] = base::format_rfc3339(clock_.wall());
  if (kind.has_generation) metadata["generation"] = 1;
  else metadata.erase("generation");
  for (const char* none : {"deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"}) metadata.erase(none);
  if (kind.info.kind == "Pod" || kind.info.kind == "PersistentVolumeClaim") object["status"] = {{"phase", "Pending"}};
  return net::json_response(201, json::dump(*put(call.route.id(), std::move(object), call.manager)));
}

net::Response ApiServer::replace(const Call& call) {
  const auto& kind = call.kind();
  const auto live = objects_.find(call.route.id());
  if (json::string_at(call.body, {"metadata", "name"}) != call.name())
    return refusal(400, "BadRequest", "the name of the object does not match the name on the URL");
  if (!live && kind.is_made_by_put && call.route.subresource.empty()) {
    if (!json::string_at(call.body, {"metadata", "uid"}).empty())
      return conflict(kind, call.name(), "Precondition failed: UID in precondition: there is none");
    auto object = call.body;
    object["metadata"].erase("managedFields");
    if (kind.has_status) object.erase("status");
    return made(call, track(kind, nullptr, std::move(object), {call.manager}, base::format_rfc3339(clock_.wall())));
  }
  if (!live) return not_found(kind, call.name());
  const auto uid = json::string_at(call.body, {"metadata", "uid"});
  if (!uid.empty() && uid != json::string_at(*live, {"metadata", "uid"}))
    return conflict(kind, call.name(), "Precondition failed: UID in precondition: " + uid);
  if (kind.must_name_version && json::string_at(call.body, {"metadata", "resourceVersion"}).empty())
    return invalid(kind, call.name(), "metadata.resourceVersion", "must be specified for an update");
  return store(call, live, call.body, 200);
}

net::Response ApiServer::patch(const Call& call) {
  const auto type = net::find_header(call.request.headers, "Content-Type");
  if (type == "application/apply-patch+yaml") return apply(call);
  const auto live = objects_.find(call.route.id());
  if (!live) return not_found(call.kind(), call.name());
  auto after = *live;
  if (type == "application/merge-patch+json") {
    json::merge(after, call.body);
  } else if (type == "application/json-patch+json") {
    try {
      after = after.patch(call.body);
    } catch (const json::Value::exception& problem) {
      return refusal(422, "Invalid", std::string("the JSON patch does not fit: ") + problem.what());
    }
  } else {
    return refusal(415, "UnsupportedMediaType", "the body of the request was in an unknown format");
  }
  return store(call, live, std::move(after), 200);
}

net::Response ApiServer::apply(const Call& call) {
  const auto& kind = call.kind();
  const auto live = objects_.find(call.route.id());
  const bool is_status = call.route.subresource == "status";
  if (call.query("fieldManager").empty())
    return refusal(
        422, "Invalid",
        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
  if (!live && is_status) return not_found(kind, call.name());
  const auto uid = json::string_at(call.body, {"metadata", "uid"});
  if (!live && !uid.empty())
    return conflict(kind, call.name(),
                    "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found");
  auto wanted = call.body;
  if (is_status) {
    wanted.erase("spec");
    for (const char* name : {"labels", "annotations", "ownerReferences", "finalizers"}) wanted["metadata"].erase(name);
  } else if (kind.has_status) {
    wanted.erase("status");
  }
  const Writer writer{call.manager, true, call.query("force") == "true", call.route.subresource};
  auto done =
      testing::apply(kind, live ? *live : json::Value(nullptr), wanted, writer, base::format_rfc3339(clock_.wall()));
  if (!done.conflicts.empty()) {
    auto causes = json::Value::array();
    for (const auto& one : done.conflicts) causes.push_back({{"reason", "FieldManagerConflict"}, {"message", one}});
    const auto count = done.conflicts.size();
    return refusal(409, "Conflict",
                   "Apply failed with " + std::to_string(count) + " conflict" + (count == 1 ? "" : "s") + ": " +
                       done.conflicts.front(),
                   {{"causes", std::move(causes)}});
  }
  return live ? store(call, live, std::move(done.object), 200) : made(call, std::move(done.object));
}

// The end of every update: what may not change does not, and what changes nothing is no write.
net::Response ApiServer::store(const Call& call, const Document& live, json::Value after, int code) {
  const auto& kind = call.kind();
  const bool is_apply = net::find_header(call.request.headers, "Content-Type") == "application/apply-patch+yaml";
  auto& metadata = after["metadata"];
  const auto version = json::string_at(metadata, {"resourceVersion"});
  const auto& before = live->at("metadata");
  if (!version.empty() && version != before.at("resourceVersion"))
    return conflict(kind, call.name(),
                    "the object has been modified; please apply your changes to the latest version and try again");
  const auto uid = json::string_at(metadata, {"uid"});
  const bool is_ignored = kind.is_custom && call.route.subresource == "status";  // but for the status, all is
  if (!uid.empty() && uid != before.at("uid") && !is_ignored)
    return invalid(kind, call.name(), "metadata.uid", "Invalid value: \"" + uid + "\": field is immutable");
  if (is_going(*live) && has_new_finalizer(*live, after))
    return invalid(kind, call.name(), "metadata.finalizers", "Forbidden: no new finalizers while it is being deleted");
  if (call.route.subresource == "status") {
    auto kept = *live;
    if (after.contains("status")) kept["status"] = after["status"];
    else kept.erase("status");
    if (is_apply) kept["metadata"]["managedFields"] = metadata["managedFields"];
    after = std::move(kept);
  } else if (kind.has_status) {
    if (live->contains("status")) after["status"] = live->at("status");
    else after.erase("status");
  }
  for (const char* fixed : {"name", "namespace", "uid", "creationTimestamp", "resourceVersion", "generation",
                            "deletionTimestamp", "deletionGracePeriodSeconds"}) {
    if (before.contains(fixed)) after["metadata"][fixed] = before.at(fixed);
    else after["metadata"].erase(fixed);
  }
  if (kind.has_generation && changes_content(*live, after))
    after["metadata"]["generation"] = before.value("generation", 0) + 1;
  if (!is_apply)
    after = track(kind, *live, std::move(after), {call.manager, false, false, call.route.subresource},
                  base::format_rfc3339(clock_.wall()));
  if (is_going(after) && !is_held(after) && after["metadata"].value("deletionGracePeriodSeconds", 0) == 0) {
    erase_now(call.route.id(), call.manager);
    return net::json_response(code, json::dump(after));
  }
  if (without_managers(after) == without_managers(*live)) return net::json_response(code, json::dump(*live));
  return net::json_response(code, json::dump(*put(call.route.id(), std::move(after), call.manager)));
}

net::Response ApiServer::remove(const Call& call) {
  const auto live = objects_.find(call.route.id());
  if (!live) return not_found(call.kind(), call.name());
  for (const char* what : {"uid", "resourceVersion"}) {
    const auto wanted = json::string_at(call.body, {"preconditions", what});
    if (!wanted.empty() && wanted != json::string_at(*live, {"metadata", what}))
      return conflict(call.kind(), call.name(),
                      std::string("Precondition failed: ") + what + " in precondition: " + wanted);
  }
  if (json::at_path(call.body, {"gracePeriodSeconds"}) == 0 && !is_held(*live)) {
    erase_now(call.route.id(), call.manager);
    return net::json_response(200, json::dump(*live));
  }
  if (const auto left = remove_now(call.kind(), call.route.id(), call.manager))
    return net::json_response(200, json::dump(*left));
  return net::json_response(200, json::dump({{"kind", "Status"},
                                             {"apiVersion", "v1"},
                                             {"metadata", json::Value::object()},
                                             {"status", "Success"},
                                             {"details", {{"name", call.name()}, {"kind", call.kind().info.plural}}}}));
}

// What is left of it: null when it is gone.
Document ApiServer::remove_now(const Kind& kind, const Id& id, const std::string& manager) {
  const auto live = objects_.find(id);
  const auto grace = grace_of(kind, *live, nullptr);
  if (is_going(*live)) return live;
  if (grace == 0 && !is_held(*live)) {
    erase_now(id, manager);
    return nullptr;
  }
  auto after = *live;
  after["metadata"]["deletionTimestamp"] = base::format_rfc3339(clock_.wall() + std::chrono::seconds(grace));
  after["metadata"]["deletionGracePeriodSeconds"] = grace;
  if (after["metadata"].contains("generation"))
    after["metadata"]["generation"] = after["metadata"]["generation"].get<int>() + 1;
  return put(id, std::move(after), manager);
}

Document ApiServer::put(const Id& id, json::Value object, const std::string& manager) {
  auto stored = objects_.put(id, std::move(object));
  tell(manager);
  return stored;
}

void ApiServer::erase_now(const Id& id, const std::string& manager) {
  if (objects_.erase(id)) tell(manager);
}

void ApiServer::tell(const std::string& manager) {
  const auto change = objects_.history().back();
  for (const auto& listener : listeners_) listener(change, manager);
}

}  // namespace cadence::kube::testing
