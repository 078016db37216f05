#include "hook_double.hpp"

#include <algorithm>
#include <regex>

#include "base/text.hpp"

namespace cadence::test {

using net::Response;

int HookDouble::deliver(const Sent& sent, const std::string& event) {
  const std::lock_guard lock(mutex_);
  return try_once(sent, event, false);
}

int HookDouble::try_once(const Sent& sent, const std::string& event, bool is_again) {
  const int status = post_(sent);
  tries_.push_back(
      {static_cast<std::int64_t>(tries_.size()) + 1, sent, event, status, base::system_clock().wall(), is_again});
  return status;
}

void HookDouble::list(const Sent& sent, int status, base::Wall at) {
  const std::lock_guard lock(mutex_);
  tries_.push_back({static_cast<std::int64_t>(tries_.size()) + 1, sent, "push", status, at, false});
}

void HookDouble::lead_to(const std::string& url, bool is_active) {
  const std::lock_guard lock(mutex_);
  url_ = url;
  is_active_ = is_active;
}

void HookDouble::forget_hook() {
  const std::lock_guard lock(mutex_);
  has_hook_ = false;
}

void HookDouble::send_pages_of(int rows) {
  const std::lock_guard lock(mutex_);
  rows_ = rows;
}

int HookDouble::times_asked(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = asked_.find(id);
  return found == asked_.end() ? 0 : found->second;
}

Response HookDouble::answer(const net::RequestHead& head, const std::string& body) {
  const auto slash = head.target.find('/', 1);
  const auto name = head.target.substr(1, slash - 1);
  const auto path = head.target.substr(slash);
  if (name == "github" && path.starts_with("/api/v3")) return github(head, path.substr(7));
  if (name == "gitlab" && path.starts_with("/api/v4")) return gitlab(head, path.substr(7));
  return ForgeDouble::answer(head, body);
}

Response HookDouble::github(const net::RequestHead& head, const std::string& path) {
  const bool is_app = path.starts_with("/app/hook");
  if (is_app) {
    if (auto refused = refuse_app(head)) return *refused;
  } else if (net::find_header(head.headers, "Authorization") != std::string("Bearer ") + kToken) {
    return net::json_response(401, R"({"message":"Bad credentials"})");
  }
  if (net::find_header(head.headers, "User-Agent").empty()) return fault(403, "a request without a User-Agent");
  if (is_app && path == "/app/hook/config") return net::json_response(200, json::dump({{"url", url_}}));
  std::smatch parts;
  if (!has_hook_ && path.find("/77") != std::string::npos) return net::json_response(404, R"({"message":"Not Found"})");
  if (std::regex_match(path, std::regex("/(repos/[^/]+|orgs)/[^/]+/hooks\\?per_page=100"))) {
    auto hooks = json::Value::array();
    if (has_hook_)
      hooks.push_back({{"id", kHook}, {"active", is_active_}, {"events", {"push"}}, {"config", {{"url", url_}}}});
    return net::json_response(200, json::dump(hooks));
  }
  const std::string hook = "/(?:(?:repos/[^/]+|orgs)/[^/]+/hooks/77|app/hook)/deliveries";
  if (head.method == "GET" && std::regex_match(path, std::regex(hook + "\\?per_page=100(?:&cursor=[0-9]+)?")))
    return page(head, true, "cursor", rows_);
  if (head.method == "GET" && std::regex_match(path, parts, std::regex(hook + "/([0-9]+)"))) {
    const auto& one = tries_.at(std::stoul(parts[1].str()) - 1);
    auto whole = row(one, true);
    whole["request"] = {{"headers", json::Value::object()},
                        {"payload", {{"repository", {{"full_name", one.sent.repository}}}}}};
    return net::json_response(200, json::dump(whole));
  }
  if (head.method == "POST" && std::regex_match(path, parts, std::regex(hook + "/([0-9]+)/attempts")))
    return send_again(std::stoll(parts[1].str()), true);
  return fault(404, "not documented: " + head.method + " " + path);
}

Response HookDouble::gitlab(const net::RequestHead& head, const std::string& path) {
  if (net::find_header(head.headers, "PRIVATE-TOKEN") != kToken)
    return net::json_response(401, R"({"message":"401 Unauthorized"})");
  std::smatch parts;
  const std::string owner = "/(?:projects/[^/]+%2F[^/]+|groups/[^/]+)/hooks";
  if (std::regex_match(path, std::regex(owner + "\\?per_page=100")))
    return net::json_response(200, json::dump(json::Value::array({{{"id", kHook},
                                                                   {"url", url_},
                                                                   {"push_events", true},
                                                                   {"alert_status", "executable"},
                                                                   {"disabled_until", nullptr}}})));
  if (head.method == "GET" && std::regex_match(path, std::regex(owner + "/77/events\\?per_page=20&page=[0-9]+")))
    return page(head, false, "page", 20);
  if (head.method == "POST" && std::regex_match(path, parts, std::regex(owner + "/77/events/([0-9]+)/resend")))
    return send_again(std::stoll(parts[1].str()), false);
  return fault(404, "not documented: " + head.method + " " + path);
}

// GitHub's cursor is a place in the list, GitLab's page a number that begins with 1.
Response HookDouble::page(const net::RequestHead& head, bool is_github, const std::string& parameter, int most) {
  const auto given = base::parse_integer(net::query_value(head.target, parameter)).value_or(is_github ? 0 : 1);
  const auto skipped = is_github ? given : (given - 1) * most;
  auto rows = json::Value::array();
  const auto count = static_cast<std::int64_t>(tries_.size());
  for (auto i = skipped; i < std::min<std::int64_t>(count, skipped + most); ++i)
    rows.push_back(row(tries_.at(static_cast<std::size_t>(count - 1 - i)), is_github));
  auto answer = net::json_response(200, json::dump(rows));
  const auto tag = "W/\"" + std::to_string(count) + "-" + std::to_string(skipped) + "\"";
  if (net::find_header(head.headers, "If-None-Match") == tag) return {304, {{"ETag", tag}}, ""};
  answer.headers.push_back({"ETag", tag});
  if (skipped + most < count)
    answer.headers.push_back({"Link", "<https://elsewhere.example/x?" + parameter + "=" +
                                          std::to_string(is_github ? skipped + most : given + 1) + ">; rel=\"next\""});
  return answer;
}

json::Value HookDouble::row(const Try& one, bool is_github) const {
  if (is_github)
    return {{"id", one.id},
            {"guid", one.sent.id},
            {"delivered_at", base::format_rfc3339(one.at)},
            {"redelivery", one.is_again},
            {"duration", 0.1},
            {"status", one.status == 202 ? "OK" : "Invalid HTTP Response"},
            {"status_code", one.status},
            {"event", one.event},
            {"action", nullptr},
            {"installation_id", nullptr},
            {"repository_id", static_cast<std::int64_t>(base::fnv1a(one.sent.repository) >> 32U) + 1}};
  return {{"id", one.id},
          {"url", url_},
          {"trigger", one.event + "_hooks"},
          {"request_headers", {{"Idempotency-Key", one.sent.id}, {"X-Gitlab-Token", "[REDACTED]"}}},
          {"request_data", {{"object_kind", "push"}, {"project", {{"path_with_namespace", one.sent.repository}}}}},
          {"response_status", one.status == 0 ? "internal error" : std::to_string(one.status)}};
}

Response HookDouble::send_again(std::int64_t id, bool is_github) {
  if (id < 1 || id > static_cast<std::int64_t>(tries_.size()))
    return net::json_response(404, R"({"message":"Not Found"})");
  const auto sent = tries_.at(static_cast<std::size_t>(id) - 1).sent;
  ++asked_[sent.id];
  const int status = try_once(sent, "push", true);
  return is_github ? net::json_response(202, "{}") : net::json_response(201, json::dump({{"response_status", status}}));
}

}  // namespace cadence::test
